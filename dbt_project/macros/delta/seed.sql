{#- dbt's `seed`, as a Delta table: replaced whole each time. -#}
{% materialization seed, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set agate_table = load_agate_table() -%}
    {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {#- dbt's own macros load into `this`: a table in memory for as long as that takes. -#}
    {% do ask_lake(target_relation, {'mode': 'unbind'}) %}
    {% set create_sql = create_csv_table(model, agate_table) %}
    {% set rows_affected = agate_table.rows | length %}
    {% set load_sql = load_csv_rows(model, agate_table) if rows_affected > 0 else '' %}
    {% call noop_statement('main', 'INSERT ' ~ rows_affected, 'INSERT', rows_affected) %}
        {{ get_csv_sql(create_sql, load_sql) }};
    {% endcall %}
    {% do store_in_lake('overwrite', target_relation, this.render(), {'replaces_table': true}) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
