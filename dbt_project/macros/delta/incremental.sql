{#-
    dbt's `incremental`, as Delta. Config, as dbt documents it:
      incremental_strategy  append, merge, delete+insert, replace_partitions, microbatch; without
                            one: delete+insert by unique_key, or append where there is no key
      unique_key, on_schema_change, incremental_predicates, merge_update_columns,
      merge_exclude_columns, merge_update_condition, merge_insert_condition
    and besides: merge_delete_when, merge_soft_delete_when with merge_soft_delete_columns, and
    delta_write (append, merge, rewrite) to force how a merge is written.
-#}
{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set key = delta_key() -%}
    {%- set strategy = config.get('incremental_strategy') or 'default' -%}
    {%- if strategy == 'default' -%}
        {%- set strategy = 'delete+insert' if key else 'append' -%}
    {%- endif -%}
    {%- set modes = {
        'append': 'append',
        'merge': 'merge' if key else 'append',
        'delete+insert': 'merge' if key else 'append',
        'delete_insert': 'merge' if key else 'append',
        'replace_partitions': 'replace_partitions',
        'insert_overwrite': 'replace_partitions',
        'microbatch': 'replace_where',
    } -%}
    {%- if strategy not in modes -%}
        {#- dbt's own error, or of a strategy that it knows and Delta tables do not: -#}
        {% do adapter.get_incremental_strategy_macro(context, strategy) %}
        {{ exceptions.raise_compiler_error(
            "incremental_strategy of " ~ model.name ~ " is '" ~ strategy ~ "'; allowed: "
            ~ modes | join(', ')
        ) }}
    {%- endif -%}
    {%- set rules = {
        'is_by_row': strategy == 'merge',
        'schema_change': incremental_validate_on_schema_change(
            config.get('on_schema_change'), default='ignore'
        ),
        'predicates': config.get('predicates') or config.get('incremental_predicates'),
    } -%}
    {%- if strategy == 'microbatch' -%}
        {%- do rules.update(batch_rules()) -%}
    {%- endif -%}
    {% do begin_delta() %}
    {% if model['language'] == 'python' %}
        {% call statement('main', language='python') -%}
            {{ python_rows(compiled_code) }}
        {%- endcall %}
    {% endif %}
    {{ return(finish_delta(modes[strategy], rules)) }}
{% endmaterialization %}

{#- The model's unique_key as a list. -#}
{% macro delta_key() %}
    {%- set key = config.get('unique_key') or [] -%}
    {{ return(([key] if key is string else key) | reject('equalto', '') | list) }}
{% endmacro %}

{#- What one microbatch replaces: the rows of its time. -#}
{% macro batch_rules() %}
    {%- set event_time = config.get('event_time') -%}
    {%- if not event_time -%}
        {{ exceptions.raise_compiler_error("microbatch of " ~ model.name ~ " needs an event_time") }}
    {%- endif -%}
    {%- set batch = model.get('batch') or {} -%}
    {%- set begin, end = batch.get('event_time_start'), batch.get('event_time_end') -%}
    {%- if not (begin and end) -%}
        {{ return({'where': 'true', 'batch': ''}) }}
    {%- endif -%}
    {{ return({
        'where': event_time ~ " >= '" ~ begin ~ "' and " ~ event_time ~ " < '" ~ end ~ "'",
        'batch': begin | string,
    }) }}
{% endmacro %}
