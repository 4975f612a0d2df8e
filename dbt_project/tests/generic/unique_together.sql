{#- Fails with each combination of columns that stands more than once; NULL equals nothing. -#}
{% test unique_together(model, columns) %}

{% set names = columns | map('tojson') | list %}
select {{ names | join(', ') }}, count(*) as times
from {{ model }}
where {{ names | join(' is not null and ') }} is not null
group by all
having count(*) > 1

{% endtest %}
