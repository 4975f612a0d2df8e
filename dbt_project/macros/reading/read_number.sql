{#-
    Read a text as a number; NULL where it is none, not finite, too large, or finer than a
    decimal holds. A text of up to 15 digits with an exponent is a decimal if it stays the same.
-#}
{% macro read_number(text, data_type) -%}
    {{ return(adapter.dispatch('read_number')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_number(text, data_type) -%}
    {% if data_type.startswith('decimal') -%}
    {%- set scale = data_type.split(',')[1].strip(' )') -%}
    case
        when cast(try_cast({{ text }} as {{ data_type }}) as varchar) = {{ text }}
            then try_cast({{ text }} as {{ data_type }})
        when regexp_full_match({{ text }}, '\s*[+-]?[0-9]*(\.[0-9]{0,{{ scale }}}0*)?\s*')
            then try_cast({{ text }} as {{ data_type }})
        when regexp_full_match({{ text }}, '\s*[+-]?[0-9.]{1,16}[eE][+-]?[0-9]{1,2}\s*')
            and try_cast({{ text }} as double) = try_cast(try_cast({{ text }} as {{ data_type }}) as double)
            then try_cast({{ text }} as {{ data_type }})
    end
    {%- else -%}
    case
        when isfinite(try_cast({{ text }} as {{ data_type }})) and not contains({{ text }}, '_')
            then try_cast({{ text }} as {{ data_type }})
    end
    {%- endif %}
{%- endmacro %}
