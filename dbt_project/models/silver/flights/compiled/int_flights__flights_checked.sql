-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with staged as (

    select * from {{ ref('stg_nycflights__flights') }}

),

conformed as (

    select
        cast("year" as integer) as "year",
        cast("month" as integer) as "month",
        cast("day" as integer) as "day",
        cast("dep_time" as integer) as "dep_time",
        cast("sched_dep_time" as integer) as "sched_dep_time",
        cast("dep_delay" as integer) as "dep_delay",
        cast("arr_time" as integer) as "arr_time",
        cast("sched_arr_time" as integer) as "sched_arr_time",
        cast("arr_delay" as integer) as "arr_delay",
        cast("carrier" as varchar) as "carrier",
        cast("flight" as integer) as "flight",
        cast("tailnum" as varchar) as "tailnum",
        cast("origin" as varchar) as "origin",
        cast("dest" as varchar) as "dest",
        cast("air_time" as integer) as "air_time",
        cast("distance" as integer) as "distance",
        cast("hour" as integer) as "hour",
        cast("minute" as integer) as "minute",
        cast("time_hour" as timestamp with time zone) as "time_hour",
        {{ load_columns() }}
    from staged

)

select
    "year",
    "month",
    "day",
    "dep_time",
    "sched_dep_time",
    "dep_delay",
    "arr_time",
    "sched_arr_time",
    "arr_delay",
    "carrier",
    "flight",
    "tailnum",
    "origin",
    "dest",
    "air_time",
    "distance",
    "hour",
    "minute",
    "time_hour",
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    case
        when _unreadable is not null
        or ("year" is null)
        or ("month" is null)
        or ("day" is null)
        or ("sched_dep_time" is null)
        or ("sched_arr_time" is null)
        or ("carrier" is null)
        or ("flight" is null)
        or ("origin" is null)
        or ("dest" is null)
        or ("distance" is null)
        or ("hour" is null)
        or ("minute" is null)
        or ("time_hour" is null)
        or (("year" >= 2000) is false)
        or (("year" <= 2100) is false)
        or (("month" >= 1) is false)
        or (("month" <= 12) is false)
        or (("day" >= 1) is false)
        or (("day" <= 31) is false)
        or (("dep_time" >= 1) is false)
        or (("dep_time" <= 2400) is false)
        or (("sched_dep_time" >= 0) is false)
        or (("sched_dep_time" <= 2400) is false)
        or (("arr_time" >= 1) is false)
        or (("arr_time" <= 2400) is false)
        or (("sched_arr_time" >= 0) is false)
        or (("sched_arr_time" <= 2400) is false)
        or ((length("carrier") >= 2) is false)
        or ((length("carrier") <= 2) is false)
        or (("flight" >= 1) is false)
        or ((length("dest") >= 3) is false)
        or ((length("dest") <= 3) is false)
        or (("air_time" > 0) is false)
        or (("distance" > 0) is false)
        or (("hour" >= 0) is false)
        or (("hour" <= 24) is false)
        or (("minute" >= 0) is false)
        or (("minute" <= 59) is false)
        or ((dep_time is not null or dep_delay is null) is false)
        or (("origin" in ('EWR', 'JFK', 'LGA')) is false)
        then nullif(list_filter([
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
        ], lambda broken : broken is not null), [])
    end as _rules_broken
from conformed
