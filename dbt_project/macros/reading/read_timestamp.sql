{#-
    Read a text as a point in time, ISO 8601: day and time; without an offset it is UTC. NULL
    where it is none, finer than a microsecond, or not in the years 1 to 9999 of UTC, beyond which
    few readers go. A timestamp without zone is kept in UTC too. `parsed` is the text's `parse_text`,
    where that is a column already.

    DuckDB takes offsets of any size: none is over 15:59. A cast to a timestamp would drop an
    offset; a cast to one with time zone would take a text without zone to be in that which an
    earlier row named. So each text is cast to what it is.
-#}
{% macro read_timestamp(text, data_type, parsed=none) -%}
    {{ return(adapter.dispatch('read_timestamp')(text, data_type, parsed or parse_text(text, data_type))) }}
{%- endmacro %}

{% macro default__read_timestamp(text, data_type, parsed) -%}
    {%- set usual = "????-??-?[0-9][ T][0-9]?:??:?[0-9]" -%}
    {%- set minute = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(\\s+|T)[0-9]{1,2}:[0-9]{1,2}" -%}
    {%- set second = ":[0-9]{1,2}(\\.[0-9]{1,6}0*)?" -%}
    {%- set zone = " ?([+-](0[0-9]|1[0-5])(:?[0-5][0-9]){0,2}|[A-Za-z][A-Za-z0-9_/+-]*)" -%}
    {#- DuckDB wants seconds before a zone. -#}
    {%- set completed = "regexp_replace(" ~ text ~ ", '(:[0-9]+)(" ~ zone ~ ")', '\\1:00\\2')" -%}
    {%- set in_utc = "try_cast(" ~ text ~ " as timestamp)" -%}
    {%- set has_zone = data_type == 'timestamp with time zone' -%}
    case
        when ({{ text }} glob '{{ usual }}' or {{ text }} glob '{{ usual }}Z')
            and {{ parsed }} between timestamp '1000-01-01' and timestamp '9999-12-31 23:59:59'
            then {{ "make_timestamptz(epoch_us(" ~ parsed ~ "))" if has_zone else parsed }}
        when regexp_full_match({{ text }}, '\s*{{ minute }}({{ second }})?\s*')
            and {{ in_utc }} between timestamp '0001-01-01' and timestamp '9999-12-31 23:59:59.999999'
            then {{ "make_timestamptz(epoch_us(" ~ in_utc ~ "))" if has_zone else in_utc }}
        {%- for form, whole in [(minute ~ second, text), (minute, completed)] %}
        {%- set instant = "try_cast(" ~ whole ~ " as timestamp with time zone)" %}
        when regexp_full_match({{ text }}, '\s*{{ form }}{{ zone }}\s*')
            and (
                not regexp_matches({{ text }}, '^\s*(000|9999)')
                or {{ instant }} between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
            )
            {#- A cast of the instant to a timestamp would cost as much again. #}
            then {{ instant if has_zone else "make_timestamp(epoch_us(" ~ instant ~ "))" }}
        {%- endfor %}
    end
{%- endmacro %}
