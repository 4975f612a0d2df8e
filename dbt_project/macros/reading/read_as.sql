{#- Read a text as a type; NULL where it cannot be read as one. -#}
{% macro read_as(text, data_type) -%}
    {{ return(adapter.dispatch('read_as')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_as(text, data_type) -%}
    try_cast({{ text }} as {{ data_type }})
{%- endmacro %}
