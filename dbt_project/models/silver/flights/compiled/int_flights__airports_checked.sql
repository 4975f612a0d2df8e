-- Compiled from contracts/flights/airports.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='split', entity='flights.airports') }}

with staged as (

    select * from {{ ref('stg_nycflights__airports') }}

),

conformed as (

    select
        cast("faa" as varchar) as "faa",
        cast("name" as varchar) as "name",
        cast("lat" as double) as "lat",
        cast("lon" as double) as "lon",
        cast("alt" as integer) as "alt",
        cast("tz" as integer) as "tz",
        cast("dst" as varchar) as "dst",
        cast("tzone" as varchar) as "tzone",
        {{ load_columns() }}
    from staged

)

select
    "faa",
    "name",
    "lat",
    "lon",
    "alt",
    "tz",
    "dst",
    "tzone",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    _unreadable,
    (
        (coalesce(len(_unreadable), 0) = 0)
        and ("faa" is not null)
        and ("name" is not null)
        and ("lat" is not null)
        and ("lon" is not null)
        and ("lat" >= -90 and not isnan("lat"))
        and ("lat" <= 90)
        and ("lon" >= -180 and not isnan("lon"))
        and ("lon" <= 180)
    ) is false as _is_broken
from conformed
