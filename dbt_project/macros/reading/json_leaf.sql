{#-
    Read one JSON value that is neither object nor array; NULL where it is of another kind or can
    not be read exactly. Numbers are numbers and texts are texts: "5" is no integer and 5 no text.
    Days, times and, if it is to be exact, a decimal are texts. A number with a point holds what a
    double does: up to 15 digits.
-#}
{% macro json_leaf(json, data_type) -%}
    {{ return(adapter.dispatch('json_leaf')(json, data_type)) }}
{%- endmacro %}

{% macro default__json_leaf(json, data_type) -%}
    {%- set text = "json_extract_string(" ~ json ~ ", '$')" -%}
    {%- set kind = 'json_type(' ~ json ~ ')' -%}
    {%- if data_type == 'varchar' -%}
    case when {{ kind }} = 'VARCHAR' then {{ text }} end
    {%- elif data_type == 'boolean' -%}
    case when {{ kind }} = 'BOOLEAN' then {{ text }} = 'true' end
    {%- elif data_type == 'date' -%}
    case when {{ kind }} = 'VARCHAR' then {{ read_date(text, data_type) }} end
    {%- elif data_type.startswith('timestamp') -%}
    case when {{ kind }} = 'VARCHAR' then {{ read_timestamp(text, data_type) }} end
    {%- elif data_type in ('float', 'double') -%}
    case
        when {{ kind }} in ('BIGINT', 'UBIGINT', 'DOUBLE') and isfinite(try_cast({{ text }} as {{ data_type }}))
            then try_cast({{ text }} as {{ data_type }})
    end
    {%- elif data_type.startswith('decimal') -%}
    case
        when {{ kind }} in ('VARCHAR', 'BIGINT', 'UBIGINT')
            or ({{ kind }} = 'DOUBLE' and (
                regexp_full_match({{ text }}, '-?[0-9]+')
                or length(ltrim(regexp_replace(regexp_replace({{ text }}, 'e.*', ''), '[^0-9]', '', 'g'), '0')) <= 15
            ))
            then {{ read_number(text, data_type) }}
    end
    {%- else -%}
    case
        when {{ kind }} in ('BIGINT', 'UBIGINT')
            or ({{ kind }} = 'DOUBLE' and regexp_full_match({{ text }}, '-?[0-9]{1,15}\.0'))
            then try_cast({{ text }} as {{ data_type }})
    end
    {%- endif -%}
{%- endmacro %}
