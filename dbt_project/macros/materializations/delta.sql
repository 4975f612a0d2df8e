{#-
    A Delta table. Config:
      delta_mode   overwrite (the default), append, or merge by unique_key
      unique_key   the columns that identify a row; for merge
    An append and a merge build on base_relation(this), and write from nothing without one.
-#}
{% materialization delta, adapter='duckdb' %}
    {%- set mode = config.get('delta_mode', 'overwrite') -%}
    {%- set modes = ['overwrite', 'append', 'merge'] -%}
    {%- if mode not in modes -%}
        {{ exceptions.raise_compiler_error(
            "delta_mode of " ~ model.name ~ " is '" ~ mode ~ "'; allowed: " ~ modes | join(', ')
        ) }}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set new_rows = new_rows_relation(this) -%}
    {% if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
    {% endif %}
    {% call statement('main') -%}
        create or replace temp view {{ new_rows }} as (
            {{ compiled_code }}
        )
    {%- endcall %}
    {% do store_in_lake(mode, target_relation, new_rows, config) %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
