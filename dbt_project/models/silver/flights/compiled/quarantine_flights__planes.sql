-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(
    materialized='delta',
    delta_mode='append',
    schema='quarantine',
    alias='flights__planes'
) }}

with exceptions as (

    select * from {{ ref('int_flights__planes_exceptions') }}
    where disposition in ('quarantined', 'replayed', 'discarded')

),

bronze as (

    select * from {{ ref('bronze_nycflights__planes') }}
    where {{ in_scope('flights', 'planes') }}

)

select
    bronze."tailnum",
    bronze."year",
    bronze."type",
    bronze."manufacturer",
    bronze."model",
    bronze."engines",
    bronze."seats",
    bronze."speed",
    bronze."engine",
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
left join {{ replayed_rows('flights', 'planes') }} as replays
    on bronze._load_id = replays.load_id and bronze._row_number = replays.row_number
