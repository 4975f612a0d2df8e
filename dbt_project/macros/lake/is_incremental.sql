{#- True where an append or a merge builds on rows that are there: see base_relation. -#}
{% macro is_incremental() %}
    {% if not execute or config.get('delta_mode', 'overwrite') == 'overwrite' %}
        {{ return(false) }}
    {% endif %}
    {{ return(base_relation(this) is not none) }}
{% endmacro %}
