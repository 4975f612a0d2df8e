{#- The loads whose rows this build brings to silver: (load_id, duplicate_of). -#}
{% macro scope(product, table) -%}
    (select load_id, duplicate_of from assay.scope where entity = '{{ product }}.{{ table }}')
{%- endmacro %}
