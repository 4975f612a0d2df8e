{#- Read a text as a point in time, ISO 8601; without an offset it is UTC. NULL where it is none. -#}
{% macro read_timestamp(text, data_type) -%}
    {{ return(adapter.dispatch('read_timestamp')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_timestamp(text, data_type) -%}
    case when length({{ text }}) > 10 then try_cast({{ text }} as {{ data_type }}) end
{%- endmacro %}
