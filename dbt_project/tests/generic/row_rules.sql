{#-
    Fails with each row for which a condition is false, and names what it broke. `rules` are
    conditions by name; one that is unknown (NULL) is kept.
-#}
{% test row_rules(model, rules) %}

select
    concat_ws(
        ', '
        {%- for name, condition in rules.items() %},
        case when ({{ condition }}) is false then '{{ name | replace("'", "''") }}' end
        {%- endfor %}
    ) as rules_broken,
    *
from {{ model }}
where
    {% for condition in rules.values() -%}
    ({{ condition }}) is false
    {%- if not loop.last %} or {% endif %}
    {% endfor %}

{% endtest %}
