{#-
    dbt's `snapshot`, as a Delta table that keeps its history: dbt's own SQL finds the changes,
    a merge closes the old rows and adds the new ones in one commit.
-#}
{% materialization snapshot, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if existing is not none and not existing.is_table -%}
        {% do exceptions.relation_wrong_type(existing, 'table') %}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% set strategy = strategy_dispatch(config.get('strategy'))(
        model, 'snapshotted_data', 'source_data', model['config'], existing is not none
    ) %}
    {% set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() %}
    {% set new_rows = new_rows_relation(this) %}
    {% if existing is none %}
        {% set rows = build_snapshot_table(strategy, model['compiled_code']) %}
    {% else %}
        {{ adapter.assert_valid_snapshot_target_given_strategy(target_relation, columns, strategy) }}
        {% set rows = snapshot_staging_table(strategy, sql, target_relation) %}
    {% endif %}
    {{ check_time_data_types(rows) }}
    {#- A table, not a view: the time of the snapshot is one. -#}
    {% call statement('main') -%}
        create or replace temp table {{ new_rows }} as ({{ rows }})
    {%- endcall %}
    {% if existing is none %}
        {% do store_in_lake('overwrite', target_relation, new_rows, {}) %}
    {% else %}
        {% do store_in_lake('merge', target_relation, new_rows, snapshot_rules(columns)) %}
    {% endif %}
    {% call statement('forget') -%}drop table if exists temp.{{ new_rows }}{%- endcall %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- How staged changes go into a snapshot: open rows are closed, new ones added. -#}
{% macro snapshot_rules(columns) %}
    {% set open_until = config.get('dbt_valid_to_current') %}
    {% set valid_to = 'DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to %}
    {% set is_open = valid_to ~ ' is null' %}
    {% if open_until %}
        {% set is_open = is_open ~ ' or ' ~ valid_to ~ ' = ' ~ open_until %}
    {% endif %}
    {% set control = ['dbt_change_type', 'dbt_unique_key'] %}
    {% for key in delta_key() %}
        {% do control.append('dbt_unique_key_' ~ loop.index) %}
    {% endfor %}
    {{ return({
        'keys': [columns.dbt_scd_id],
        'update_columns': [columns.dbt_valid_to],
        'update_when': "dbt_change_type in ('update', 'delete')",
        'insert_when': "dbt_change_type = 'insert'",
        'predicates': [is_open],
        'control_columns': control,
        'is_by_row': false,
        'schema_change': 'append_new_columns',
        'has_base': true,
    }) }}
{% endmacro %}
