-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(
    materialized='delta',
    delta_mode='overwrite',
    takes={'rows': 'int_flights__airlines_checked', 'without': 'int_flights__airlines_exceptions'}
) }}

with checked as (

    select * from {{ ref('int_flights__airlines_checked') }}

),

exceptions as (

    select * from {{ ref('int_flights__airlines_exceptions') }}

)

select
    "carrier",
    "name",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from checked
anti join exceptions using (_load_id, _row_number)
-- They are exceptions; said here, their file is not read for it.
where not _is_broken

{% set base = base_relation(this) %}
{% if base is not none %}

-- The newest snapshot stays where it is there already.
union all by name

select *
from {{ base }}
where _load_id = {{ newest_load('flights', 'airlines') }}

{% endif %}
