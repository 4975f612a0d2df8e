{#-
    A step that is computed once and read more than once in the same run: a Parquet file in the
    run's scratch folder, with a view over it. Nobody else reads it; it is gone after the run.
-#}
{% materialization scratch, adapter='duckdb' %}
    {% do begin_delta() %}
    {{ return(finish_delta('scratch', {})) }}
{% endmaterialization %}
