-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(
    materialized='delta',
    delta_mode='append',
    schema='quarantine',
    alias='flights__flights'
) }}

with exceptions as (

    select * from {{ ref('int_flights__flights_exceptions') }}
    where disposition in ('quarantined', 'replayed', 'discarded')

),

bronze as (

    select * from {{ ref('bronze_nycflights__flights') }}
    where {{ in_scope('flights', 'flights') }}

)

select
    bronze."year",
    bronze."month",
    bronze."day",
    bronze."dep_time",
    bronze."sched_dep_time",
    bronze."dep_delay",
    bronze."arr_time",
    bronze."sched_arr_time",
    bronze."arr_delay",
    bronze."carrier",
    bronze."flight",
    bronze."tailnum",
    bronze."origin",
    bronze."dest",
    bronze."air_time",
    bronze."distance",
    bronze."hour",
    bronze."minute",
    bronze."time_hour",
    bronze._load_id,
    bronze._source_file,
    bronze._row_number,
    bronze._ingested_at,
    exceptions._rules_broken,
    coalesce(replays.first_seen_at, bronze._ingested_at) as _first_seen_at,
    replays.replay_of_load_id as _replay_of_load_id,
    replays.replay_of_row_number as _replay_of_row_number
from exceptions
inner join bronze using (_load_id, _row_number)
left join {{ replayed_rows('flights', 'flights') }} as replays
    on bronze._load_id = replays.load_id and bronze._row_number = replays.row_number
