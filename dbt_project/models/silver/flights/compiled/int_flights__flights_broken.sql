-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with checked as (

    select * from {{ ref('int_flights__flights_checked') }}

)

select
    _load_id,
    _row_number,
    coalesce(
        nullif(list_filter([
            case when coalesce(list_contains(_unreadable, 'year'), false) then 'year_type' end,
            case when ("year" is null and not coalesce(list_contains(_unreadable, 'year'), false)) then 'year_required' end,
            case when coalesce(list_contains(_unreadable, 'month'), false) then 'month_type' end,
            case when ("month" is null and not coalesce(list_contains(_unreadable, 'month'), false)) then 'month_required' end,
            case when coalesce(list_contains(_unreadable, 'day'), false) then 'day_type' end,
            case when ("day" is null and not coalesce(list_contains(_unreadable, 'day'), false)) then 'day_required' end,
            case when coalesce(list_contains(_unreadable, 'dep_time'), false) then 'dep_time_type' end,
            case when coalesce(list_contains(_unreadable, 'sched_dep_time'), false) then 'sched_dep_time_type' end,
            case when ("sched_dep_time" is null and not coalesce(list_contains(_unreadable, 'sched_dep_time'), false)) then 'sched_dep_time_required' end,
            case when coalesce(list_contains(_unreadable, 'dep_delay'), false) then 'dep_delay_type' end,
            case when coalesce(list_contains(_unreadable, 'arr_time'), false) then 'arr_time_type' end,
            case when coalesce(list_contains(_unreadable, 'sched_arr_time'), false) then 'sched_arr_time_type' end,
            case when ("sched_arr_time" is null and not coalesce(list_contains(_unreadable, 'sched_arr_time'), false)) then 'sched_arr_time_required' end,
            case when coalesce(list_contains(_unreadable, 'arr_delay'), false) then 'arr_delay_type' end,
            case when ("carrier" is null) then 'carrier_required' end,
            case when coalesce(list_contains(_unreadable, 'flight'), false) then 'flight_type' end,
            case when ("flight" is null and not coalesce(list_contains(_unreadable, 'flight'), false)) then 'flight_required' end,
            case when ("origin" is null) then 'origin_required' end,
            case when ("dest" is null) then 'dest_required' end,
            case when coalesce(list_contains(_unreadable, 'air_time'), false) then 'air_time_type' end,
            case when coalesce(list_contains(_unreadable, 'distance'), false) then 'distance_type' end,
            case when ("distance" is null and not coalesce(list_contains(_unreadable, 'distance'), false)) then 'distance_required' end,
            case when coalesce(list_contains(_unreadable, 'hour'), false) then 'hour_type' end,
            case when ("hour" is null and not coalesce(list_contains(_unreadable, 'hour'), false)) then 'hour_required' end,
            case when coalesce(list_contains(_unreadable, 'minute'), false) then 'minute_type' end,
            case when ("minute" is null and not coalesce(list_contains(_unreadable, 'minute'), false)) then 'minute_required' end,
            case when coalesce(list_contains(_unreadable, 'time_hour'), false) then 'time_hour_type' end,
            case when ("time_hour" is null and not coalesce(list_contains(_unreadable, 'time_hour'), false)) then 'time_hour_required' end,
            case when (("year" >= 2000) is false) then 'year_minimum' end,
            case when (("year" <= 2100) is false) then 'year_maximum' end,
            case when (("month" >= 1) is false) then 'month_minimum' end,
            case when (("month" <= 12) is false) then 'month_maximum' end,
            case when (("day" >= 1) is false) then 'day_minimum' end,
            case when (("day" <= 31) is false) then 'day_maximum' end,
            case when (("dep_time" >= 1) is false) then 'dep_time_minimum' end,
            case when (("dep_time" <= 2400) is false) then 'dep_time_maximum' end,
            case when (("sched_dep_time" >= 0) is false) then 'sched_dep_time_minimum' end,
            case when (("sched_dep_time" <= 2400) is false) then 'sched_dep_time_maximum' end,
            case when (("arr_time" >= 1) is false) then 'arr_time_minimum' end,
            case when (("arr_time" <= 2400) is false) then 'arr_time_maximum' end,
            case when (("sched_arr_time" >= 0) is false) then 'sched_arr_time_minimum' end,
            case when (("sched_arr_time" <= 2400) is false) then 'sched_arr_time_maximum' end,
            case when ((length("carrier") >= 2) is false) then 'carrier_minimum_length' end,
            case when ((length("carrier") <= 2) is false) then 'carrier_maximum_length' end,
            case when (("flight" >= 1) is false) then 'flight_minimum' end,
            case when ((length("dest") >= 3) is false) then 'dest_minimum_length' end,
            case when ((length("dest") <= 3) is false) then 'dest_maximum_length' end,
            case when (("air_time" > 0) is false) then 'air_time_exclusive_minimum' end,
            case when (("distance" > 0) is false) then 'distance_exclusive_minimum' end,
            case when (("hour" >= 0) is false) then 'hour_minimum' end,
            case when (("hour" <= 24) is false) then 'hour_maximum' end,
            case when (("minute" >= 0) is false) then 'minute_minimum' end,
            case when (("minute" <= 59) is false) then 'minute_maximum' end,
            case when ((dep_time is not null or dep_delay is null) is false) then 'delay_needs_departure' end,
            case when (("origin" in ('EWR', 'JFK', 'LGA')) is false) then 'origin_is_new_york' end
        ], lambda broken : broken is not null), []),
        -- A staging model called a column unreadable that no rule is about.
        list_transform(_unreadable, lambda each : each || '_type')
    ) as _rules_broken
from checked
where _is_broken
