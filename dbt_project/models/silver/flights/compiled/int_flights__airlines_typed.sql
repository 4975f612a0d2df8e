-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__airlines') }}
    where {{ in_scope('flights', 'airlines') }}

),

texts as (

    select
        nullif("carrier", 'NA') as "_text_carrier",
        nullif("name", 'NA') as "_text_name",
        _load_id,
        _source_file,
        _row_number,
        _ingested_at
    from source

),

parsed as (

    select
        *
    from texts

),

typed as (

    select
        *,
        "_text_carrier" as "carrier",
        "_text_name" as "name"
    from parsed

)

select
    "carrier",
    "name",
    cast(null as varchar[]) as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
