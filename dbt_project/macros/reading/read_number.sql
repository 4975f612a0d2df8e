{#- Read a text as a number; NULL where it is none, not finite, or finer than a decimal holds. -#}
{% macro read_number(text, data_type) -%}
    {{ return(adapter.dispatch('read_number')(text, data_type)) }}
{%- endmacro %}

{% macro default__read_number(text, data_type) -%}
    case
        when isfinite(try_cast({{ text }} as double)) and not contains({{ text }}, '_')
            {% if data_type.startswith('decimal') -%}
            and try_cast({{ text }} as {{ data_type }}) = try_cast({{ text }} as decimal(38, 18))
            {%- endif %}
            then try_cast({{ text }} as {{ data_type }})
    end
{%- endmacro %}
