{#-
    CTE `outdated` for snapshots: accepted rows of all but the newest snapshot, and the rows of
    the snapshot in silver that a later one replaces. The newest may be without rows, and may
    have come in before the ones of this build.
-#}
{% macro replaced_snapshots(base, newest, has_keys) %}
outdated as (

    select sound._load_id, sound._row_number, 'superseded' as disposition, null as _rules_broken
    from sound
    {% if has_keys %}
    anti join contested
        on sound._load_id = contested._load_id and sound._row_number = contested._row_number
    {% endif %}
    where sound._load_id < {{ newest }}
    {% if base is not none %}
    union all
    select base._load_id, base._row_number, 'replaced' as disposition, null as _rules_broken
    from {{ base }} as base
    where base._load_id < {{ newest }}
    {% endif %}

)
{% endmacro %}
