{#- True where an append, a merge or the like builds on rows that are there: see base_relation. -#}
{% macro is_incremental() %}
    {% set kind = model.config.materialized %}
    {% set is_building = kind == 'incremental'
        or (kind == 'delta' and config.get('delta_mode', 'overwrite') != 'overwrite') %}
    {% if not execute or not is_building %}
        {{ return(false) }}
    {% endif %}
    {{ return(base_relation(this) is not none) }}
{% endmacro %}
