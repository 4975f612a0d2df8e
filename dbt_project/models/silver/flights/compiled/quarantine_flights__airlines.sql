-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(
    materialized='delta',
    delta_mode='append',
    schema='quarantine',
    alias='flights__airlines'
) }}

with exceptions as (

    select * from {{ ref('int_flights__airlines_exceptions') }}
    where disposition = 'quarantined'

),

bronze as (

    select * from {{ ref('bronze_nycflights__airlines') }}
    where {{ in_scope('flights', 'airlines') }}

)

select
    bronze."carrier",
    bronze."name",
    bronze._load_id,
    bronze._source_file,
    bronze._row_number,
    bronze._ingested_at,
    exceptions._rules_broken
from exceptions
inner join bronze using (_load_id, _row_number)
