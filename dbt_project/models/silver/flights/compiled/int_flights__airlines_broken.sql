-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with checked as (

    select * from {{ ref('int_flights__airlines_checked') }}

)

select
    _load_id,
    _row_number,
    coalesce(
        nullif(list_filter([
            case when ("carrier" is null) then 'carrier_required' end,
            case when ("name" is null) then 'name_required' end,
            case when ((length("carrier") >= 2) is false) then 'carrier_minimum_length' end,
            case when ((length("carrier") <= 2) is false) then 'carrier_maximum_length' end
        ], lambda broken : broken is not null), []),
        -- A staging model called a column unreadable that no rule is about.
        list_transform(_unreadable, lambda each : each || '_type')
    ) as _rules_broken
from checked
where _is_broken
