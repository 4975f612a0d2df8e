-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='delta', delta_mode='append') }}

select
    "origin",
    "year",
    "month",
    "day",
    "hour",
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
    "time_hour",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from {{ source('landing_flights', 'flights__weather') }}
