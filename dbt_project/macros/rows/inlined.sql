{#-
    Stands between a CTE's `as` and its query: computed anew at each place that reads it. For
    CTEs that only narrow a table: kept, all their rows would be held in memory.
-#}
{% macro inlined() -%}
    {{ return(adapter.dispatch('inlined')()) }}
{%- endmacro %}

{% macro default__inlined() -%}
    {{ return('') }}
{%- endmacro %}

{% macro duckdb__inlined() -%}
    {{ return('not materialized') }}
{%- endmacro %}
