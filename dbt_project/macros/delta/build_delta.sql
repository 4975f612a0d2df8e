{#-
    What a materialization does before and after a model's rows are computed. In between it
    runs python_rows() itself where the model is Python: dbt allows that nowhere deeper.
-#}
{% macro begin_delta() %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if model['language'] == 'python' -%}
        {% call statement('clear') -%}drop table if exists {{ computed_relation() }}{%- endcall %}
        {#- Its rows come from another cursor: only a later transaction sees them. -#}
        {{ adapter.commit() }}
    {%- endif -%}
{% endmacro %}

{#- The table in memory that a Python model's rows are put into. -#}
{% macro computed_relation() %}
    {{ return(api.Relation.create(
        database=this.database, schema=this.schema, identifier=this.identifier ~ '__assay_new'
    )) }}
{% endmacro %}

{% macro python_rows(compiled_code) %}
    {{ return(py_write_table(
        temporary=false, relation=computed_relation(), compiled_code=compiled_code
    )) }}
{% endmacro %}

{#- Write a model's rows as a Delta table, and run the hooks after it. -#}
{% macro finish_delta(mode, rules) %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if model['language'] == 'python' -%}
        {% do store_in_lake(mode, target_relation, computed_relation().render(), rules) %}
        {% call statement('forget') -%}drop table if exists {{ computed_relation() }}{%- endcall %}
    {%- else -%}
        {%- set new_rows = new_rows_relation(this) -%}
        {%- set rows = compiled_code -%}
        {% if config.get('contract').enforced %}
            {{ get_assert_columns_equivalent(compiled_code) }}
            {% set rows = contract_columns(compiled_code) %}
        {% endif %}
        {% call statement('main') -%}
            {{ config.get('sql_header', '') or '' }}
            create or replace temp view {{ new_rows }} as (
                {{ rows }}
            )
        {%- endcall %}
        {% do store_in_lake(mode, target_relation, new_rows, rules) %}
    {%- endif -%}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmacro %}

{#- A model's columns in the order of its contract; DuckDB finds quoted names in any case. -#}
{% macro contract_columns(compiled_code) %}
    {%- set names = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do names.append(adapter.quote(column.name)) -%}
    {%- endfor -%}
    select {{ names | join(', ') }}
    from (
        {{ compiled_code }}
    ) as model_rows
{% endmacro %}
