-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='split', entity='flights.planes') }}

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
    _unreadable,
    (
        (coalesce(len(_unreadable), 0) = 0)
        and ("tailnum" is not null)
        and ("year" >= 1900)
        and ("year" <= 2100)
        and ("engines" >= 0)
        and ("seats" >= 0)
    ) is false as _is_broken
from conformed
