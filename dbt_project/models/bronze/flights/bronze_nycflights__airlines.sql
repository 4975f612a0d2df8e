-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='delta', delta_mode='append') }}

select
    "carrier",
    "name",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from {{ source('landing_flights', 'flights__airlines') }}
