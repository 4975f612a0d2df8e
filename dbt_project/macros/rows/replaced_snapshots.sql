{#-
    CTE `outdated` for snapshots: accepted rows of all but the last snapshot, and the rows of
    the snapshot in silver that a later one replaces.
-#}
{% macro replaced_snapshots(base, has_keys) %}
there as (

    {% if base is not none %}
    select max(_load_id) as load_id from {{ base }}
    {% else %}
    select null::varchar as load_id
    {% endif %}

),

outdated as (

    select checked._load_id, checked._row_number, 'superseded' as disposition, null as _rules_broken
    from checked
    cross join latest
    cross join there
    {% if has_keys %}
    anti join contested
        on checked._load_id = contested._load_id and checked._row_number = contested._row_number
    {% endif %}
    where checked._rules_broken is null
        and (checked._load_id < latest.load_id or coalesce(checked._load_id < there.load_id, false))
    {% if base is not none %}
    union all
    select base._load_id, base._row_number, 'replaced' as disposition, null as _rules_broken
    from {{ base }} as base
    cross join latest
    where base._load_id < latest.load_id
    {% endif %}

)
{% endmacro %}
