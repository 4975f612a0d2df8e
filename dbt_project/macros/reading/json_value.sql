{#- Read JSON that fits a shape as a value of it. `depth` keeps the names of parts apart. -#}
{% macro json_value(json, shape, depth) -%}
    {{ return(adapter.dispatch('json_value')(json, shape, depth)) }}
{%- endmacro %}

{% macro default__json_value(json, shape, depth) -%}
    {%- set part = 'part' ~ depth -%}
    {%- if shape.fields is defined -%}
    case when json_type({{ json }}) = 'OBJECT' then list_transform([{{ json_parts(json, shape) }}], lambda {{ part }} : struct_pack(
    {%- for field in shape.fields -%}
        "{{ field.name }}" := {{ json_value(part ~ '[' ~ loop.index ~ ']', field, depth + 1) }}
        {%- if not loop.last %}, {% endif %}
    {%- endfor -%}
    ))[1] end
    {%- elif shape.item is defined -%}
    case when json_type({{ json }}) = 'ARRAY' then list_transform(from_json({{ json }}, '["JSON"]'), lambda {{ part }} : {{ json_value(part, shape.item, depth + 1) }}) end
    {%- else -%}
    {{ json_leaf(json, shape.type) }}
    {%- endif -%}
{%- endmacro %}

{#- The values of an object's fields, in the shape's order; NULL for a key that is not there. -#}
{% macro json_parts(json, shape) -%}
    json_extract({{ json }}, [
    {%- for field in shape.fields -%}
        '/{{ field.key | replace('~', '~0') | replace('/', '~1') | replace("'", "''") }}'
        {%- if not loop.last %}, {% endif %}
    {%- endfor -%}
    ])
{%- endmacro %}
