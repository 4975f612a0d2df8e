{#-
    A step that is computed once and read more than once in the same run: a Parquet file in the
    run's scratch folder, with a view over it. Nobody else reads it; it is gone after the run.
-#}
{% materialization scratch, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set new_rows = new_rows_relation(this) -%}
    {% call statement('main') -%}
        create or replace temp view {{ new_rows }} as (
            {{ compiled_code }}
        )
    {%- endcall %}
    {% do store_in_lake('scratch', target_relation, new_rows, config) %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
