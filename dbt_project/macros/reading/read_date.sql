{#- Read a text as a calendar date, YYYY-MM-DD; NULL where it is none. -#}
{% macro read_date(text, data_type) -%}
    {{ return(adapter.dispatch('read_date')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_date(text, data_type) -%}
    case when length(trim({{ text }})) <= 10 then try_cast({{ text }} as {{ data_type }}) end
{%- endmacro %}
