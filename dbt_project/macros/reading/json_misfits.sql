{#- Whether JSON is not as a shape says: true or false, never NULL. -#}
{% macro json_misfits(json, shape, depth) -%}
    {{ return(adapter.dispatch('json_misfits')(json, shape, depth)) }}
{%- endmacro %}

{% macro default__json_misfits(json, shape, depth) -%}
    {%- set part = 'part' ~ depth -%}
    {%- if shape.fields is defined -%}
    {#- Of keys that stand twice or are unknown fewer are found among the known ones. -#}
    case
        when coalesce(json_type({{ json }}), 'NULL') = 'NULL' then false
        when json_type({{ json }}) <> 'OBJECT' then true
        when len(json_keys({{ json }})) <> len(list_intersect(json_keys({{ json }}), {{ json_known_keys(shape) }})) then true
        else list_transform([{{ json_parts(json, shape) }}], lambda {{ part }} :
        {%- for field in shape.fields %} {{ json_misfits(part ~ '[' ~ loop.index ~ ']', field, depth + 1) }}
            {%- if not loop.last %} or{% endif %}
        {%- endfor -%}
        )[1]
    end
    {%- elif shape.item is defined -%}
    case
        when coalesce(json_type({{ json }}), 'NULL') = 'NULL' then false
        when json_type({{ json }}) <> 'ARRAY' then true
        else len(list_filter(from_json({{ json }}, '["JSON"]'), lambda {{ part }} : {{ json_misfits(part, shape.item, depth + 1) }})) > 0
    end
    {%- else -%}
    (coalesce(json_type({{ json }}), 'NULL') <> 'NULL' and ({{ json_leaf(json, shape.type) }}) is null)
    {%- endif -%}
{%- endmacro %}

{% macro json_known_keys(shape) -%}
    [
    {%- for field in shape.fields -%}
        '{{ field.key | replace("'", "''") }}'
        {%- if not loop.last %}, {% endif %}
    {%- endfor -%}
    ]
{%- endmacro %}
