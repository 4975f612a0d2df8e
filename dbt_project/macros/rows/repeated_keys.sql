{#-
    CTE `contested` where rows are never corrected (append, and within one snapshot): the first
    row of a key stands; the same again is a duplicate; other values for it are a conflict.
-#}
{% macro repeated_keys(base, keys, key, mode, content) %}
{% set partition = ('_load_id, ' if mode == 'snapshot' else '') ~ keys %}
{{ contested_keys(base, keys, key, partition) }}

, compared as (

    select
        *,
        row_number() over by_key > 1 as _is_later,
        {{ content }} is not distinct from first_value({{ content }}) over by_key as _repeats
    from contenders
    window by_key as (partition by {{ partition }} order by _is_new, _load_id, _row_number)

),

contested as (

    select
        _load_id,
        _row_number,
        case when _repeats then 'deduplicated' else 'quarantined' end as disposition,
        case when not _repeats then ['key_conflict'] end as _rules_broken
    from compared
    where _is_new and _is_later

)
{% endmacro %}
