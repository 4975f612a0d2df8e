-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='split', entity='flights.airlines') }}

with staged as (

    select * from {{ ref('stg_nycflights__airlines') }}

),

conformed as (

    select
        cast("carrier" as varchar) as "carrier",
        cast("name" as varchar) as "name",
        {{ load_columns() }}
    from staged

)

select
    "carrier",
    "name",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    _unreadable,
    (
        (coalesce(len(_unreadable), 0) = 0)
        and ("carrier" is not null)
        and ("name" is not null)
        and (length("carrier") >= 2)
        and (length("carrier") <= 2)
    ) is false as _is_broken
from conformed
