-- Compiled from contracts/flights/airports.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='delta', delta_mode='append') }}

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
    _ingested_at
from {{ source('landing_flights', 'flights__airports') }}
