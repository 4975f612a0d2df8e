{#-
    Read a text as a point in time, ISO 8601: day and time; without an offset it is UTC. NULL
    where it is none, finer than a microsecond, or not in the years 1 to 9999 of UTC, beyond which
    few readers go. DuckDB takes offsets of any size: none is over 15:59. A timestamp without zone is kept in UTC too:
    a cast alone would drop the offset. `parsed` is the text's `parse_text`, where that is a column
    already.
-#}
{% macro read_timestamp(text, data_type, parsed=none) -%}
    {{ return(adapter.dispatch('read_timestamp')(text, data_type, parsed or parse_text(text, data_type))) }}
{%- endmacro %}

{% macro default__read_timestamp(text, data_type, parsed) -%}
    {%- set instant = "try_cast(" ~ text ~ " as timestamp with time zone)" -%}
    case
        when strlen({{ text }}) in (19, 20) and {{ parsed }} >= timestamp '1000-01-01'
            then {{ parsed if data_type == 'timestamp' else "make_timestamptz(epoch_us(" ~ parsed ~ "))" }}
        when regexp_full_match(
            {{ text }},
            '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(\s+|T)[0-9:]+(\.[0-9]{1,6}0*)? ?([+-](0[0-9]|1[0-5])(:?[0-5][0-9]){0,2}|[A-Za-z][A-Za-z0-9_/+-]*)?\s*'
        )
            and (
                not regexp_matches({{ text }}, '^\s*(000|9999)')
                or {{ instant }} between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
            )
            {#- A cast of the instant to a timestamp would cost as much again. #}
            then {{ instant if data_type == 'timestamp with time zone' else "make_timestamp(epoch_us(" ~ instant ~ "))" }}
    end
{%- endmacro %}
