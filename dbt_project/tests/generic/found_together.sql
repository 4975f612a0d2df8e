{#- Fails with each row whose columns, none of them NULL, stand in no row of another model. -#}
{% test found_together(model, to, columns, fields) %}

select here.*
from {{ model }} as here
where
    {% for column in columns %}here.{{ column | tojson }} is not null and {% endfor -%}
    not exists (
        select 1
        from {{ to }} as there
        where
            {% for column in columns -%}
            there.{{ fields[loop.index0] | tojson }} = here.{{ column | tojson }}
            {%- if not loop.last %} and {% endif %}
            {%- endfor %}
    )

{% endtest %}
