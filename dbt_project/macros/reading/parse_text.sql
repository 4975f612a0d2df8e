{#-
    What a text says if it has the form that such texts mostly have; whether that is so, `read_…`
    decides. A function does it where there is one: DuckDB asks it once for each value of a
    column's dictionary, and casts each row.
-#}
{% macro parse_text(text, data_type) -%}
    {{ return(adapter.dispatch('parse_text')(text, data_type)) }}
{%- endmacro %}

{% macro default__parse_text(text, data_type) -%}
    {% if data_type == 'date' -%}
    try_strptime({{ text }}, '%Y-%m-%d')
    {%- elif data_type.startswith('timestamp') -%}
    try_cast({{ text }} as timestamp)
    {%- else -%}
    try_cast({{ text }} as {{ data_type }})
    {%- endif %}
{%- endmacro %}
