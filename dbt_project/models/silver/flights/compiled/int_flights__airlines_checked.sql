-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with staged as (

    select * from {{ ref('stg_nycflights__airlines') }}

),

conformed as (

    select
        cast("carrier" as varchar) as "carrier",
        cast("name" as varchar) as "name",
        {{ load_columns() }}
    from staged

)

select
    "carrier",
    "name",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    case
        when ("carrier" is null)
        or ("name" is null)
        or ((length("carrier") >= 2) is false)
        or ((length("carrier") <= 2) is false)
        then nullif(list_filter([
            case when ("carrier" is null) then 'carrier_required' end,
            case when ("name" is null) then 'name_required' end,
            case when ((length("carrier") >= 2) is false) then 'carrier_minimum_length' end,
            case when ((length("carrier") <= 2) is false) then 'carrier_maximum_length' end
        ], lambda broken : broken is not null), [])
    end as _rules_broken
from conformed
