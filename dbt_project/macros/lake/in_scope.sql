{#-
    A condition on `_load_id`: the row belongs to a load that this build brings to silver.
    Few loads are written as a list, by which Delta files are skipped.
-#}
{% macro in_scope(product, table) -%}
    {%- if not execute -%}
        true
    {%- else -%}
        {%- set found = run_query("select load_id from " ~ scope(product, table) ~ " order by 1") -%}
        {%- set ids = found.columns[0].values() | list -%}
        {%- if ids | length == 0 -%}
            false
        {%- elif ids | length > 500 -%}
            _load_id in (select load_id from {{ scope(product, table) }})
        {%- else -%}
            _load_id in ('{{ ids | join("', '") }}')
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
