{#-
    Read a text as a point in time, ISO 8601: day and time; without an offset it is UTC. NULL
    where it is none, or finer than a microsecond. A timestamp without zone is kept in UTC too:
    a cast alone would drop the offset.
-#}
{% macro read_timestamp(text, data_type) -%}
    {{ return(adapter.dispatch('read_timestamp')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_timestamp(text, data_type) -%}
    {%- set instant = "try_cast(" ~ text ~ " as timestamp with time zone)" %}
    case
        {%- if data_type == 'timestamp' %}
        when {{ text }} like '____-__-__ __:__:__' and cast(try_cast({{ text }} as timestamp) as varchar) = {{ text }}
            then try_cast({{ text }} as timestamp)
        {%- endif %}
        when regexp_full_match(
            {{ text }},
            '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9:]+(\.[0-9]{1,6}0*)? ?([A-Za-z]|[A-Za-z+-][A-Za-z0-9_/:+-]+)?\s*'
        )
            {#- A cast of the instant to a timestamp would cost as much again. #}
            then {{ instant if data_type == 'timestamp with time zone' else "make_timestamp(epoch_us(" ~ instant ~ "))" }}
    end
{%- endmacro %}
