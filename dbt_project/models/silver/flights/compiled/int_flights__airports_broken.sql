-- Compiled from contracts/flights/airports.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with checked as (

    select * from {{ ref('int_flights__airports_checked') }}

)

select
    _load_id,
    _row_number,
    coalesce(
        nullif(list_filter([
            case when ("faa" is null) then 'faa_required' end,
            case when ("name" is null) then 'name_required' end,
            case when coalesce(list_contains(_unreadable, 'lat'), false) then 'lat_type' end,
            case when ("lat" is null and not coalesce(list_contains(_unreadable, 'lat'), false)) then 'lat_required' end,
            case when coalesce(list_contains(_unreadable, 'lon'), false) then 'lon_type' end,
            case when ("lon" is null and not coalesce(list_contains(_unreadable, 'lon'), false)) then 'lon_required' end,
            case when coalesce(list_contains(_unreadable, 'alt'), false) then 'alt_type' end,
            case when coalesce(list_contains(_unreadable, 'tz'), false) then 'tz_type' end,
            case when (("lat" >= -90 and not isnan("lat")) is false) then 'lat_minimum' end,
            case when (("lat" <= 90) is false) then 'lat_maximum' end,
            case when (("lon" >= -180 and not isnan("lon")) is false) then 'lon_minimum' end,
            case when (("lon" <= 180) is false) then 'lon_maximum' end
        ], lambda broken : broken is not null), []),
        -- A staging model called a column unreadable that no rule is about.
        list_transform(_unreadable, lambda each : each || '_type')
    ) as _rules_broken
from checked
where _is_broken
