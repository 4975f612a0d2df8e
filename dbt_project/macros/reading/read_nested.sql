{#-
    Read a text as JSON of a shape; NULL where it is none: an object becomes a struct, an array a
    list. A shape has a type, or `fields` (each with its name, its key in the JSON and its own
    shape), or an `item`. An absent key and a null are NULL; a key that the shape does not know, one
    that stands twice and a value of another kind make the whole text none.
-#}
{% macro read_nested(text, shape) -%}
    {{ return(adapter.dispatch('read_nested')(text, shape)) }}
{%- endmacro %}

{% macro default__read_nested(text, shape) -%}
    list_transform(
        [try_cast({{ text }} as json)],
        lambda whole : case when not {{ json_misfits('whole', shape, 1) }} then {{ json_value('whole', shape, 1) }} end
    )[1]
{%- endmacro %}
