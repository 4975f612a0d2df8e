-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='split', entity='flights.flights') }}

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
    _unreadable,
    (
        coalesce(len(_unreadable) > 0, false)
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
    ) as _is_broken
from conformed
