{#-
    The rows of new loads that are not simply accepted, and the rows in silver that they replace.

    Grain: one row a landed row (_load_id, _row_number) with its disposition:
      quarantined   broke a rule, or gives other values for a key that stands already where
                    rows are never corrected (append, snapshot): key_conflict
      deduplicated  says again what the row before it said, or belongs to a load whose bytes
                    were delivered before
      superseded    accepted, and replaced at once by a later row with the same key
      replaced      was in silver before; a new row takes its place
      replayed      was quarantined, and a person sent it again: another load carries it now
      discarded     was quarantined, and a person left it out
    A row of a new load that is not here is accepted and current. `checked` are the rows of new
    loads, `broken` those that broke a rule, with its name.
-#}
{% macro row_exceptions(product, table, mode, checked, broken, key, ordering, columns) %}
{% set base = base_relation(api.Relation.create(
    database=this.database, schema='silver', identifier=product ~ '__' ~ table
)) %}
{% set keys = key | map('tojson') | join(', ') %}
{% set content = 'row(' ~ (columns | map('tojson') | join(', ')) ~ ')' %}
{% set is_settled = has_settlements(product, table) %}

with scope as (

    select * from {{ scope(product, table) }}

),

{% if is_settled %}
settled as (

    select
        checked._load_id,
        checked._row_number,
        settled.disposition,
        coalesce(broken._rules_broken, settled.rules_broken) as _rules_broken
    from {{ checked }} as checked
    inner join {{ settled_rows(product, table) }} as settled
        on checked._load_id = settled.load_id and checked._row_number = settled.row_number
    left join {{ broken }} as broken
        on checked._load_id = broken._load_id and checked._row_number = broken._row_number

),
{% endif %}

sound as {{ inlined() }} (

    select checked.* exclude (_unreadable, _is_broken), scope.duplicate_of as _duplicate_of
    from {{ checked }} as checked
    inner join scope on checked._load_id = scope.load_id
    {% if is_settled %}
    anti join settled
        on checked._load_id = settled._load_id and checked._row_number = settled._row_number
    {% endif %}
    where not checked._is_broken

),

quarantined as (

    select broken._load_id, broken._row_number, 'quarantined' as disposition, broken._rules_broken
    from {{ broken }} as broken
    {% if is_settled %}
    anti join settled
        on broken._load_id = settled._load_id and broken._row_number = settled._row_number
    {% endif %}

),

repeated_loads as (

    select _load_id, _row_number, 'deduplicated' as disposition, null as _rules_broken
    from sound
    where _duplicate_of is not null

)

{% if mode == 'upsert' %}
{% set replays = replayed_rows(product, table) if is_settled else none %}
{{ superseded_rows(base, keys, key, ordering, content, replays) }}
{% elif key %}
{{ repeated_keys(base if mode == 'append' else none, keys, key, mode, content) }}
{% endif %}

{% if mode == 'snapshot' %}
, {{ replaced_snapshots(base, newest_load(product, table), has_keys=key | length > 0) }}
{% endif %}

{% if is_settled %}
select * from settled
union all
{% endif %}
select * from quarantined
union all
select * from repeated_loads
{% if mode == 'upsert' or key %}
union all
select * from contested
{% endif %}
{% if mode == 'snapshot' %}
union all
select * from outdated
{% endif %}
{% endmacro %}
