{#-
    A Delta table. Config:
      delta_mode   overwrite (the default), append, or merge by unique_key
      unique_key   the columns that identify a row; for merge
      takes        {'rows': a `split` step, 'without': a step of exceptions}: the model's rows are
                   the step's without those, and some more; files are taken over from the step
    An append and a merge build on base_relation(this), and write from nothing without one. A
    table whose columns have changed is refused: see `incremental` for a choice.
-#}
{% materialization delta, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set mode = config.get('delta_mode', 'overwrite') -%}
    {%- set modes = ['overwrite', 'append', 'merge'] -%}
    {%- if mode not in modes -%}
        {{ exceptions.raise_compiler_error(
            "delta_mode of " ~ model.name ~ " is '" ~ mode ~ "'; allowed: " ~ modes | join(', ')
        ) }}
    {%- endif -%}
    {% do begin_delta() %}
    {% if model['language'] == 'python' %}
        {% call statement('main', language='python') -%}
            {{ python_rows(compiled_code) }}
        {%- endcall %}
    {% endif %}
    {{ return(finish_delta(mode, {'schema_change': 'strict'})) }}
{% endmaterialization %}
