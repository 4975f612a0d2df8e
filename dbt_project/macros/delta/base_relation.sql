{#-
    The table that this build starts from, or none where it starts from nothing: the first
    build, a rebuild, `--full-refresh`, or a developer's lake.
-#}
{% macro base_relation(relation) -%}
    {% if not execute or should_full_refresh() %}
        {{ return(none) }}
    {% endif %}
    {% set found = run_query(
        "select 1 from assay.bases where lower(schema_name) = lower('" ~ relation.schema
        ~ "') and lower(table_name) = lower('" ~ relation.identifier ~ "')"
    ) %}
    {{ return(relation if found.rows | length > 0 else none) }}
{%- endmacro %}
