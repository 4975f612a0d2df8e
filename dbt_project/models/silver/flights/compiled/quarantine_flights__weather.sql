-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(
    materialized='delta',
    delta_mode='append',
    schema='quarantine',
    alias='flights__weather'
) }}

with exceptions as (

    select * from {{ ref('int_flights__weather_exceptions') }}
    where disposition in ('quarantined', 'replayed', 'discarded')

),

bronze as (

    select * from {{ ref('bronze_nycflights__weather') }}
    where {{ in_scope('flights', 'weather') }}

)

select
    bronze."origin",
    bronze."year",
    bronze."month",
    bronze."day",
    bronze."hour",
    bronze."temp",
    bronze."dewp",
    bronze."humid",
    bronze."wind_dir",
    bronze."wind_speed",
    bronze."wind_gust",
    bronze."precip",
    bronze."pressure",
    bronze."visib",
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
left join {{ replayed_rows('flights', 'weather') }} as replays
    on bronze._load_id = replays.load_id and bronze._row_number = replays.row_number
