{#-
    Whether people have settled rows of the loads at hand, or replays brought rows of an entity.
    Most entities have neither, and joining with nothing costs as much as reading all rows again.
-#}
{% macro has_settlements(product, table) -%}
    {%- if not execute -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query(
        "select 1 from " ~ settled_rows(product, table)
        ~ " union all select 1 from " ~ replayed_rows(product, table) ~ " limit 1"
    ) -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}
