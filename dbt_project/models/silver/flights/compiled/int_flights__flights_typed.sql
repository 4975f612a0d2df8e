-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__flights') }}
    where {{ in_scope('flights', 'flights') }}

),

texts as (

    select
        nullif("year", 'NA') as "_text_year",
        nullif("month", 'NA') as "_text_month",
        nullif("day", 'NA') as "_text_day",
        nullif("dep_time", 'NA') as "_text_dep_time",
        nullif("sched_dep_time", 'NA') as "_text_sched_dep_time",
        nullif("dep_delay", 'NA') as "_text_dep_delay",
        nullif("arr_time", 'NA') as "_text_arr_time",
        nullif("sched_arr_time", 'NA') as "_text_sched_arr_time",
        nullif("arr_delay", 'NA') as "_text_arr_delay",
        nullif("carrier", 'NA') as "_text_carrier",
        nullif("flight", 'NA') as "_text_flight",
        nullif("tailnum", 'NA') as "_text_tailnum",
        nullif("origin", 'NA') as "_text_origin",
        nullif("dest", 'NA') as "_text_dest",
        nullif("air_time", 'NA') as "_text_air_time",
        nullif("distance", 'NA') as "_text_distance",
        nullif("hour", 'NA') as "_text_hour",
        nullif("minute", 'NA') as "_text_minute",
        nullif("time_hour", 'NA') as "_text_time_hour",
        _load_id,
        _source_file,
        _row_number,
        _ingested_at
    from source

),

typed as (

    select
        *,
        {{ read_integer('"_text_year"', 'integer') }} as "year",
        {{ read_integer('"_text_month"', 'integer') }} as "month",
        {{ read_integer('"_text_day"', 'integer') }} as "day",
        {{ read_integer('"_text_dep_time"', 'integer') }} as "dep_time",
        {{ read_integer('"_text_sched_dep_time"', 'integer') }} as "sched_dep_time",
        {{ read_integer('"_text_dep_delay"', 'integer') }} as "dep_delay",
        {{ read_integer('"_text_arr_time"', 'integer') }} as "arr_time",
        {{ read_integer('"_text_sched_arr_time"', 'integer') }} as "sched_arr_time",
        {{ read_integer('"_text_arr_delay"', 'integer') }} as "arr_delay",
        "_text_carrier" as "carrier",
        {{ read_integer('"_text_flight"', 'integer') }} as "flight",
        "_text_tailnum" as "tailnum",
        "_text_origin" as "origin",
        "_text_dest" as "dest",
        {{ read_integer('"_text_air_time"', 'integer') }} as "air_time",
        {{ read_integer('"_text_distance"', 'integer') }} as "distance",
        {{ read_integer('"_text_hour"', 'integer') }} as "hour",
        {{ read_integer('"_text_minute"', 'integer') }} as "minute",
        {{ read_timestamp('"_text_time_hour"', 'timestamp with time zone') }} as "time_hour"
    from texts

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
    case
        when ("year" is null and "_text_year" is not null)
        or ("month" is null and "_text_month" is not null)
        or ("day" is null and "_text_day" is not null)
        or ("dep_time" is null and "_text_dep_time" is not null)
        or ("sched_dep_time" is null and "_text_sched_dep_time" is not null)
        or ("dep_delay" is null and "_text_dep_delay" is not null)
        or ("arr_time" is null and "_text_arr_time" is not null)
        or ("sched_arr_time" is null and "_text_sched_arr_time" is not null)
        or ("arr_delay" is null and "_text_arr_delay" is not null)
        or ("flight" is null and "_text_flight" is not null)
        or ("air_time" is null and "_text_air_time" is not null)
        or ("distance" is null and "_text_distance" is not null)
        or ("hour" is null and "_text_hour" is not null)
        or ("minute" is null and "_text_minute" is not null)
        or ("time_hour" is null and "_text_time_hour" is not null)
        then list_filter([
            case when ("year" is null and "_text_year" is not null) then 'year' end,
            case when ("month" is null and "_text_month" is not null) then 'month' end,
            case when ("day" is null and "_text_day" is not null) then 'day' end,
            case when ("dep_time" is null and "_text_dep_time" is not null) then 'dep_time' end,
            case when ("sched_dep_time" is null and "_text_sched_dep_time" is not null) then 'sched_dep_time' end,
            case when ("dep_delay" is null and "_text_dep_delay" is not null) then 'dep_delay' end,
            case when ("arr_time" is null and "_text_arr_time" is not null) then 'arr_time' end,
            case when ("sched_arr_time" is null and "_text_sched_arr_time" is not null) then 'sched_arr_time' end,
            case when ("arr_delay" is null and "_text_arr_delay" is not null) then 'arr_delay' end,
            case when ("flight" is null and "_text_flight" is not null) then 'flight' end,
            case when ("air_time" is null and "_text_air_time" is not null) then 'air_time' end,
            case when ("distance" is null and "_text_distance" is not null) then 'distance' end,
            case when ("hour" is null and "_text_hour" is not null) then 'hour' end,
            case when ("minute" is null and "_text_minute" is not null) then 'minute' end,
            case when ("time_hour" is null and "_text_time_hour" is not null) then 'time_hour' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
