{#-
    A step as `scratch`, whose rows with `_is_broken` are written apart from the others. A table
    that is told so by its config `takes` makes the others' files its own. Config:
      entity   <product>.<table>, whose loads the rows are of
-#}
{% materialization split, adapter='duckdb' %}
    {% do begin_delta() %}
    {{ return(finish_delta('split', {'entity': config.require('entity')})) }}
{% endmaterialization %}
