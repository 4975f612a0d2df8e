{#-
    CTE `contested` for upserts: of the rows with one key the last stands, by the ordering
    column, then by load and row number; a row that only repeats the one before it is a duplicate.
    The row of a replay stands where the row stood that it was mended from.
-#}
{% macro superseded_rows(base, keys, key, ordering, content, replays) %}
{{ contested_keys(base, keys, key, keys) }}
{% set place = '_place_load_id, _place_row_number' if replays else '_load_id, _row_number' %}
{% set order = ((ordering | tojson) ~ ' nulls first, ' if ordering else '') ~ place %}

{% if replays %}
, placed as (

    select
        contenders.*,
        coalesce(replays.place_load_id, contenders._load_id) as _place_load_id,
        coalesce(replays.place_row_number, contenders._row_number) as _place_row_number
    from contenders
    left join {{ replays }} as replays
        on contenders._load_id = replays.load_id and contenders._row_number = replays.row_number

)
{% endif %}

, compared as (

    select
        *,
        {{ content }} is not distinct from lag({{ content }}) over by_key
        and row_number() over by_key > 1 as _repeats
    from {{ 'placed' if replays else 'contenders' }}
    window by_key as (partition by {{ keys }} order by {{ order }})

),

ranked as (

    select
        *,
        row_number() over (
            partition by {{ keys }}
            order by _repeats, {{ order | replace(', ', ' desc, ') | replace('nulls first desc', 'desc nulls last') }} desc
        ) = 1 as _is_current
    from compared

),

contested as (

    select
        _load_id,
        _row_number,
        case
            when not _is_new then 'replaced'
            when _repeats then 'deduplicated'
            else 'superseded'
        end as disposition,
        null as _rules_broken
    from ranked
    where (_is_new and (_repeats or not _is_current)) or (not _is_new and not _is_current)

)
{% endmacro %}
