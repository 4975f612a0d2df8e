-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='delta', delta_mode='append') }}

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
    _ingested_at
from {{ source('landing_flights', 'flights__planes') }}
