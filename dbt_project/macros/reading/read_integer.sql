{#- Read a text as a whole number; NULL where it is none: 5 and 5.0 are, 5.5 and 1_000 are not. -#}
{% macro read_integer(text, data_type) -%}
    {{ return(adapter.dispatch('read_integer')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_integer(text, data_type) -%}
    case
        when translate({{ text }}, '.eE_xX', '') = {{ text }} then try_cast({{ text }} as {{ data_type }})
        when contains({{ text }}, '_') or contains(lower({{ text }}), 'x') then null
        when try_cast({{ text }} as double) = trunc(try_cast({{ text }} as double))
            then try_cast({{ text }} as {{ data_type }})
    end
{%- endmacro %}
