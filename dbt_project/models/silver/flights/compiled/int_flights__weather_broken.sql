-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with checked as (

    select * from {{ ref('int_flights__weather_checked') }}

)

select
    _load_id,
    _row_number,
    coalesce(
        nullif(list_filter([
            case when ("origin" is null) then 'origin_required' end,
            case when coalesce(list_contains(_unreadable, 'year'), false) then 'year_type' end,
            case when ("year" is null and not coalesce(list_contains(_unreadable, 'year'), false)) then 'year_required' end,
            case when coalesce(list_contains(_unreadable, 'month'), false) then 'month_type' end,
            case when ("month" is null and not coalesce(list_contains(_unreadable, 'month'), false)) then 'month_required' end,
            case when coalesce(list_contains(_unreadable, 'day'), false) then 'day_type' end,
            case when ("day" is null and not coalesce(list_contains(_unreadable, 'day'), false)) then 'day_required' end,
            case when coalesce(list_contains(_unreadable, 'hour'), false) then 'hour_type' end,
            case when ("hour" is null and not coalesce(list_contains(_unreadable, 'hour'), false)) then 'hour_required' end,
            case when coalesce(list_contains(_unreadable, 'temp'), false) then 'temp_type' end,
            case when coalesce(list_contains(_unreadable, 'dewp'), false) then 'dewp_type' end,
            case when coalesce(list_contains(_unreadable, 'humid'), false) then 'humid_type' end,
            case when coalesce(list_contains(_unreadable, 'wind_dir'), false) then 'wind_dir_type' end,
            case when coalesce(list_contains(_unreadable, 'wind_speed'), false) then 'wind_speed_type' end,
            case when coalesce(list_contains(_unreadable, 'wind_gust'), false) then 'wind_gust_type' end,
            case when coalesce(list_contains(_unreadable, 'precip'), false) then 'precip_type' end,
            case when coalesce(list_contains(_unreadable, 'pressure'), false) then 'pressure_type' end,
            case when coalesce(list_contains(_unreadable, 'visib'), false) then 'visib_type' end,
            case when coalesce(list_contains(_unreadable, 'time_hour'), false) then 'time_hour_type' end,
            case when ("time_hour" is null and not coalesce(list_contains(_unreadable, 'time_hour'), false)) then 'time_hour_required' end,
            case when (("month" >= 1) is false) then 'month_minimum' end,
            case when (("month" <= 12) is false) then 'month_maximum' end,
            case when (("day" >= 1) is false) then 'day_minimum' end,
            case when (("day" <= 31) is false) then 'day_maximum' end,
            case when (("hour" >= 0) is false) then 'hour_minimum' end,
            case when (("hour" <= 23) is false) then 'hour_maximum' end,
            case when (("humid" >= 0 and not isnan("humid")) is false) then 'humid_minimum' end,
            case when (("humid" <= 100) is false) then 'humid_maximum' end,
            case when (("wind_dir" >= 0) is false) then 'wind_dir_minimum' end,
            case when (("wind_dir" <= 360) is false) then 'wind_dir_maximum' end,
            case when (("wind_speed" >= 0 and not isnan("wind_speed")) is false) then 'wind_speed_minimum' end,
            case when (("wind_gust" >= 0 and not isnan("wind_gust")) is false) then 'wind_gust_minimum' end,
            case when (("precip" >= 0 and not isnan("precip")) is false) then 'precip_minimum' end,
            case when (("visib" >= 0 and not isnan("visib")) is false) then 'visib_minimum' end
        ], lambda broken : broken is not null), []),
        -- A staging model called a column unreadable that no rule is about.
        list_transform(_unreadable, lambda each : each || '_type')
    ) as _rules_broken
from checked
where _is_broken
