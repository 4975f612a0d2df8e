{#- Hand a relation to the Assay plugin, which writes it and binds the table's name to it. -#}
{% macro store_in_lake(mode, target_relation, new_rows, rules) %}
    {% set settings = {} %}
    {% for name in [
        'partition_by', 'cluster_by', 'target_file_size', 'codec', 'table_properties',
        'merge_update_columns', 'merge_exclude_columns', 'merge_update_condition',
        'merge_insert_condition', 'merge_delete_when', 'merge_soft_delete_when',
        'merge_soft_delete_columns', 'delta_write', 'takes',
    ] %}
        {% if config.get(name) is not none %}
            {% do settings.update({name: config.get(name)}) %}
        {% endif %}
    {% endfor %}
    {% set constraints = [] %}
    {% set comments = {} %}
    {% for column in (model.get('columns') or {}).values() %}
        {% do comments.update({column.name: {
            'text': column.description or '', 'is_quoted': column.quote is true
        }}) %}
        {% for constraint in column.constraints or [] %}
            {% do constraints.append({
                'type': constraint.type | string, 'name': constraint.name or '',
                'columns': [column.name], 'expression': constraint.expression or '',
            }) %}
        {% endfor %}
    {% endfor %}
    {% for constraint in model.get('constraints') or [] %}
        {% do constraints.append({
            'type': constraint.type | string, 'name': constraint.name or '',
            'columns': constraint.columns or [], 'expression': constraint.expression or '',
        }) %}
    {% endfor %}
    {% set contract = config.get('contract') %}
    {% set persisted = config.get('persist_docs') or {} %}
    {% set request = {
        'model': model.name,
        'mode': mode,
        'new_rows': new_rows,
        'unique_key': delta_key(),
        'description': model.description,
        'has_base': base_relation(target_relation) is not none,
        'settings': settings,
        'constraints': constraints if contract and contract.enforced else [],
        'comments': comments if persisted.get('columns') else {},
        'comment': model.description if persisted.get('relation') else '',
        'invocation': invocation_id,
        'rules': rules,
    } %}
    {% do adapter.store_relation('assay', target_relation, [], '', 'delta', request) %}
{% endmacro %}
