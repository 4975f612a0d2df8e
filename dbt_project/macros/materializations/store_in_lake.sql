{#- Hand a relation to the Assay plugin, which writes it and binds the table's name to it. -#}
{% macro store_in_lake(mode, target_relation, new_rows, config) %}
    {% set key = config.get('unique_key') or [] %}
    {% set request = {
        'model': model.name,
        'mode': mode,
        'new_rows': new_rows,
        'unique_key': [key] if key is string else key,
        'description': model.description,
        'has_base': base_relation(target_relation) is not none,
    } %}
    {% do adapter.store_relation('assay', target_relation, [], '', 'delta', request) %}
{% endmacro %}
