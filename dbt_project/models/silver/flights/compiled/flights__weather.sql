-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(
    materialized='delta',
    delta_mode='merge', unique_key=['origin', 'time_hour'],
    takes={'rows': 'int_flights__weather_checked', 'without': 'int_flights__weather_exceptions'}
) }}

with checked as (

    select * from {{ ref('int_flights__weather_checked') }}

),

exceptions as (

    select * from {{ ref('int_flights__weather_exceptions') }}

)

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
from checked
anti join exceptions using (_load_id, _row_number)
-- They are exceptions; said here, their file is not read for it.
where not _is_broken
