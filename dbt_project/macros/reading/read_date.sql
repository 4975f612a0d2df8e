{#-
    Read a text as a calendar date, YYYY-MM-DD; NULL where it is none. A cast alone would take
    13-01-05 for a day in the year 13, and pass over what stands behind the day.
-#}
{% macro read_date(text, data_type) -%}
    {{ return(adapter.dispatch('read_date')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_date(text, data_type) -%}
    case
        when {{ text }} like '____-__-__' and cast(try_cast({{ text }} as date) as varchar) = {{ text }}
            then try_cast({{ text }} as {{ data_type }})
        when regexp_full_match({{ text }}, '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*')
            then try_cast({{ text }} as {{ data_type }})
    end
{%- endmacro %}
