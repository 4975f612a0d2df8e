{#- Delta tables are views in DuckDB's memory; to dbt they are tables. -#}
{% macro duckdb__list_relations_without_caching(schema_relation) %}
    {% call statement('list_relations_without_caching', fetch_result=True) -%}
        select
            '{{ schema_relation.database }}' as database,
            t.table_name as name,
            t.table_schema as schema,
            case
                when t.table_type <> 'VIEW' or d.table_name is not null then 'table' else 'view'
            end as type
        from system.information_schema.tables as t
        left join assay.delta_tables as d
            on lower(d.schema_name) = lower(t.table_schema)
            and lower(d.table_name) = lower(t.table_name)
        where lower(t.table_schema) = lower('{{ schema_relation.schema }}')
            and lower(t.table_catalog) = lower('{{ schema_relation.database }}')
    {% endcall %}
    {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{% macro duckdb__drop_relation(relation) -%}
    {% do ask_lake(relation, {'mode': 'drop'}) %}
{%- endmacro %}

{% macro duckdb__rename_relation(from_relation, to_relation) -%}
    {% do ask_lake(from_relation, {
        'mode': 'rename', 'to_schema': to_relation.schema, 'to_name': to_relation.identifier,
    }) %}
{%- endmacro %}

{% macro duckdb__drop_schema(relation) -%}
    {% do ask_lake(relation, {'mode': 'drop_schema'}) %}
{% endmacro %}

{% macro duckdb__get_catalog_tables_sql(information_schema) -%}
    select *
    from (
        select
            t.database_name as table_database,
            t.schema_name as table_schema,
            t.table_name as table_name,
            'BASE TABLE' as table_type,
            t.comment as table_comment
        from duckdb_tables() t
        where upper(t.database_name) = upper('{{ information_schema.database }}')

        union all

        select
            v.database_name as table_database,
            v.schema_name as table_schema,
            v.view_name as table_name,
            case when d.table_name is null then 'VIEW' else 'BASE TABLE' end as table_type,
            v.comment as table_comment
        from duckdb_views() v
        left join assay.delta_tables d
            on lower(d.schema_name) = lower(v.schema_name)
            and lower(d.table_name) = lower(v.view_name)
        where upper(v.database_name) = upper('{{ information_schema.database }}')
    ) catalog_tables
{%- endmacro %}

{#- Ask the Assay plugin about a name, on a connection that is open. -#}
{% macro ask_lake(relation, request) %}
    {% call statement('open', auto_begin=False) -%}select 1{%- endcall %}
    {% do adapter.store_relation('assay', relation, [], '', 'delta', request) %}
{% endmacro %}

{#- In DuckDB a Delta table is a view, and is commented as one. -#}
{% macro duckdb__alter_relation_comment(relation, comment) %}
    comment on view {{ relation }} is {{ duckdb_escape_comment(comment) }};
{% endmacro %}
