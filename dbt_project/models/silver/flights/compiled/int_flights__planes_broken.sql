-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with checked as (

    select * from {{ ref('int_flights__planes_checked') }}

)

select
    _load_id,
    _row_number,
    coalesce(
        nullif(list_filter([
            case when ("tailnum" is null) then 'tailnum_required' end,
            case when coalesce(list_contains(_unreadable, 'year'), false) then 'year_type' end,
            case when coalesce(list_contains(_unreadable, 'engines'), false) then 'engines_type' end,
            case when coalesce(list_contains(_unreadable, 'seats'), false) then 'seats_type' end,
            case when coalesce(list_contains(_unreadable, 'speed'), false) then 'speed_type' end,
            case when (("year" >= 1900) is false) then 'year_minimum' end,
            case when (("year" <= 2100) is false) then 'year_maximum' end,
            case when (("engines" >= 0) is false) then 'engines_minimum' end,
            case when (("seats" >= 0) is false) then 'seats_minimum' end
        ], lambda broken : broken is not null), []),
        -- A staging model called a column unreadable that no rule is about.
        list_transform(_unreadable, lambda each : each || '_type')
    ) as _rules_broken
from checked
where _is_broken
