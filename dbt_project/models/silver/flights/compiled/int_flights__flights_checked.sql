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
        (coalesce(len(_unreadable), 0) = 0)
        and ("year" is not null)
        and ("month" is not null)
        and ("day" is not null)
        and ("sched_dep_time" is not null)
        and ("sched_arr_time" is not null)
        and ("carrier" is not null)
        and ("flight" is not null)
        and ("origin" is not null)
        and ("dest" is not null)
        and ("distance" is not null)
        and ("hour" is not null)
        and ("minute" is not null)
        and ("time_hour" is not null)
        and ("year" >= 2000)
        and ("year" <= 2100)
        and ("month" >= 1)
        and ("month" <= 12)
        and ("day" >= 1)
        and ("day" <= 31)
        and ("dep_time" >= 1)
        and ("dep_time" <= 2400)
        and ("sched_dep_time" >= 0)
        and ("sched_dep_time" <= 2400)
        and ("arr_time" >= 1)
        and ("arr_time" <= 2400)
        and ("sched_arr_time" >= 0)
        and ("sched_arr_time" <= 2400)
        and (length("carrier") >= 2)
        and (length("carrier") <= 2)
        and ("flight" >= 1)
        and (length("dest") >= 3)
        and (length("dest") <= 3)
        and ("air_time" > 0)
        and ("distance" > 0)
        and ("hour" >= 0)
        and ("hour" <= 24)
        and ("minute" >= 0)
        and ("minute" <= 59)
        and (dep_time is not null or dep_delay is null)
        and ("origin" in ('EWR', 'JFK', 'LGA'))
    ) is false as _is_broken
from conformed
