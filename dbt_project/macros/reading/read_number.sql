{#-
    Read a text as a number; NULL where it is none, not finite, too large, or finer than a
    decimal holds. DuckDB casts a lone sign to 0. A text of up to 15 digits with an exponent is a decimal if it stays the same.
    `parsed` is the text's `parse_text`, where that is a column already.
-#}
{% macro read_number(text, data_type, parsed=none) -%}
    {{ return(adapter.dispatch('read_number')(text, data_type, parsed or parse_text(text, data_type))) }}
{%- endmacro %}

{% macro default__read_number(text, data_type, parsed) -%}
    {% if data_type.startswith('decimal') -%}
    {%- set scale = data_type.split(',')[1].strip(' )') -%}
    {%- set fraction = '0+' if scale == '0' else '[0-9]{1,' ~ scale ~ '}0*' -%}
    case
        when cast({{ parsed }} as varchar) = {{ text }} then {{ parsed }}
        when regexp_full_match({{ text }}, '\s*[+-]?([0-9]+\.?|[0-9]*\.{{ fraction }})\s*') then {{ parsed }}
        when regexp_full_match({{ text }}, '\s*[+-]?[0-9.]{1,16}[eE][+-]?[0-9]{1,2}\s*')
            and try_cast({{ text }} as double) = try_cast({{ parsed }} as double)
            then {{ parsed }}
    end
    {%- else -%}
    case when isfinite({{ parsed }}) and not contains({{ text }}, '_') then {{ parsed }} end
    {%- endif %}
{%- endmacro %}
