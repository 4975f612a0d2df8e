{#-
    Read a text as a calendar date, YYYY-MM-DD; NULL where it is none. A cast alone would take
    13-01-05 for a day in the year 13, know a year 0, and pass over what stands behind the day. Ten characters
    that give a later year have four for it. `parsed` is the text's `parse_text`, where that is a
    column already.
-#}
{% macro read_date(text, data_type, parsed=none) -%}
    {{ return(adapter.dispatch('read_date')(text, data_type, parsed or parse_text(text, data_type))) }}
{%- endmacro %}

{% macro default__read_date(text, data_type, parsed) -%}
    case
        when strlen({{ text }}) = 10 and {{ parsed }} >= timestamp '1000-01-01' then cast({{ parsed }} as {{ data_type }})
        when regexp_full_match({{ text }}, '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*')
            and try_cast({{ text }} as {{ data_type }}) >= date '0001-01-01'
            then try_cast({{ text }} as {{ data_type }})
    end
{%- endmacro %}
