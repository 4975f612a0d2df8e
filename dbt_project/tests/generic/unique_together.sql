{#- Fails with each combination of columns that stands more than once. -#}
{% test unique_together(model, columns) %}

select {{ columns | map('tojson') | join(', ') }}, count(*) as times
from {{ model }}
group by all
having count(*) > 1

{% endtest %}
