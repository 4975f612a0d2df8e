{#- The temporary view that holds a model's rows while they are written. -#}
{% macro new_rows_relation(relation) -%}
    {{ return('"' ~ relation.schema ~ '__' ~ relation.identifier ~ '__new"') }}
{%- endmacro %}
