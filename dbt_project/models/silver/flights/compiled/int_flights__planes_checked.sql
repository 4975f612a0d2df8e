-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with staged as (

    select * from {{ ref('stg_nycflights__planes') }}

),

conformed as (

    select
        cast("tailnum" as varchar) as "tailnum",
        cast("year" as integer) as "year",
        cast("type" as varchar) as "type",
        cast("manufacturer" as varchar) as "manufacturer",
        cast("model" as varchar) as "model",
        cast("engines" as integer) as "engines",
        cast("seats" as integer) as "seats",
        cast("speed" as integer) as "speed",
        cast("engine" as varchar) as "engine",
        {{ load_columns() }}
    from staged

)

select
    "tailnum",
    "year",
    "type",
    "manufacturer",
    "model",
    "engines",
    "seats",
    "speed",
    "engine",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    case
        when ("tailnum" is null)
        or _unreadable is not null
        or (("year" >= 1900) is false)
        or (("year" <= 2100) is false)
        or (("engines" >= 0) is false)
        or (("seats" >= 0) is false)
        then nullif(list_filter([
            case when ("tailnum" is null) then 'tailnum_required' end,
            case when coalesce(list_contains(_unreadable, 'year'), false) then 'year_type' end,
            case when coalesce(list_contains(_unreadable, 'engines'), false) then 'engines_type' end,
            case when coalesce(list_contains(_unreadable, 'seats'), false) then 'seats_type' end,
            case when coalesce(list_contains(_unreadable, 'speed'), false) then 'speed_type' end,
            case when (("year" >= 1900) is false) then 'year_minimum' end,
            case when (("year" <= 2100) is false) then 'year_maximum' end,
            case when (("engines" >= 0) is false) then 'engines_minimum' end,
            case when (("seats" >= 0) is false) then 'seats_minimum' end
        ], lambda broken : broken is not null), [])
    end as _rules_broken
from conformed
