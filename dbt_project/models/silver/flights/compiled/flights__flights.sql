-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(
    materialized='delta',
    delta_mode='merge', unique_key=['time_hour', 'carrier', 'flight'],
    takes={'rows': 'int_flights__flights_checked', 'without': 'int_flights__flights_exceptions'}
) }}

with checked as (

    select * from {{ ref('int_flights__flights_checked') }}

),

exceptions as (

    select * from {{ ref('int_flights__flights_exceptions') }}

)

select
    "year",
    "month",
    "day",
    "dep_time",
    "sched_dep_time",
    "dep_delay",
    "arr_time",
    "sched_arr_time",
    "arr_delay",
    "carrier",
    "flight",
    "tailnum",
    "origin",
    "dest",
    "air_time",
    "distance",
    "hour",
    "minute",
    "time_hour",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from checked
anti join exceptions using (_load_id, _row_number)
-- They are exceptions; said here, their file is not read for it.
where not _is_broken
