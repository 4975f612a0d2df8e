-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__flights') }}
    where {{ in_scope('flights', 'flights') }}

),

texts as (

    select
        "year" as "_text_year",
        "month" as "_text_month",
        "day" as "_text_day",
        "dep_time" as "_text_dep_time",
        "sched_dep_time" as "_text_sched_dep_time",
        "dep_delay" as "_text_dep_delay",
        "arr_time" as "_text_arr_time",
        "sched_arr_time" as "_text_sched_arr_time",
        "arr_delay" as "_text_arr_delay",
        nullif("carrier", 'NA') as "_text_carrier",
        "flight" as "_text_flight",
        nullif("tailnum", 'NA') as "_text_tailnum",
        nullif("origin", 'NA') as "_text_origin",
        nullif("dest", 'NA') as "_text_dest",
        "air_time" as "_text_air_time",
        "distance" as "_text_distance",
        "hour" as "_text_hour",
        "minute" as "_text_minute",
        "time_hour" as "_text_time_hour",
        _load_id,
        _source_file,
        _row_number,
        _ingested_at
    from source

),

parsed as (

    select
        *,
        case when "_text_year" not in ('NA') then {{ parse_text('"_text_year"', 'integer') }} end as "_parsed_year",
        case when "_text_month" not in ('NA') then {{ parse_text('"_text_month"', 'integer') }} end as "_parsed_month",
        case when "_text_day" not in ('NA') then {{ parse_text('"_text_day"', 'integer') }} end as "_parsed_day",
        case when "_text_dep_time" not in ('NA') then {{ parse_text('"_text_dep_time"', 'integer') }} end as "_parsed_dep_time",
        case when "_text_sched_dep_time" not in ('NA') then {{ parse_text('"_text_sched_dep_time"', 'integer') }} end as "_parsed_sched_dep_time",
        case when "_text_dep_delay" not in ('NA') then {{ parse_text('"_text_dep_delay"', 'integer') }} end as "_parsed_dep_delay",
        case when "_text_arr_time" not in ('NA') then {{ parse_text('"_text_arr_time"', 'integer') }} end as "_parsed_arr_time",
        case when "_text_sched_arr_time" not in ('NA') then {{ parse_text('"_text_sched_arr_time"', 'integer') }} end as "_parsed_sched_arr_time",
        case when "_text_arr_delay" not in ('NA') then {{ parse_text('"_text_arr_delay"', 'integer') }} end as "_parsed_arr_delay",
        case when "_text_flight" not in ('NA') then {{ parse_text('"_text_flight"', 'integer') }} end as "_parsed_flight",
        case when "_text_air_time" not in ('NA') then {{ parse_text('"_text_air_time"', 'integer') }} end as "_parsed_air_time",
        case when "_text_distance" not in ('NA') then {{ parse_text('"_text_distance"', 'integer') }} end as "_parsed_distance",
        case when "_text_hour" not in ('NA') then {{ parse_text('"_text_hour"', 'integer') }} end as "_parsed_hour",
        case when "_text_minute" not in ('NA') then {{ parse_text('"_text_minute"', 'integer') }} end as "_parsed_minute",
        case when "_text_time_hour" not in ('NA') then {{ parse_text('"_text_time_hour"', 'timestamp with time zone') }} end as "_parsed_time_hour"
    from texts

),

typed as (

    select
        *,
        {{ read_integer('"_text_year"', 'integer', '"_parsed_year"') }} as "year",
        {{ read_integer('"_text_month"', 'integer', '"_parsed_month"') }} as "month",
        {{ read_integer('"_text_day"', 'integer', '"_parsed_day"') }} as "day",
        {{ read_integer('"_text_dep_time"', 'integer', '"_parsed_dep_time"') }} as "dep_time",
        {{ read_integer('"_text_sched_dep_time"', 'integer', '"_parsed_sched_dep_time"') }} as "sched_dep_time",
        {{ read_integer('"_text_dep_delay"', 'integer', '"_parsed_dep_delay"') }} as "dep_delay",
        {{ read_integer('"_text_arr_time"', 'integer', '"_parsed_arr_time"') }} as "arr_time",
        {{ read_integer('"_text_sched_arr_time"', 'integer', '"_parsed_sched_arr_time"') }} as "sched_arr_time",
        {{ read_integer('"_text_arr_delay"', 'integer', '"_parsed_arr_delay"') }} as "arr_delay",
        "_text_carrier" as "carrier",
        {{ read_integer('"_text_flight"', 'integer', '"_parsed_flight"') }} as "flight",
        "_text_tailnum" as "tailnum",
        "_text_origin" as "origin",
        "_text_dest" as "dest",
        {{ read_integer('"_text_air_time"', 'integer', '"_parsed_air_time"') }} as "air_time",
        {{ read_integer('"_text_distance"', 'integer', '"_parsed_distance"') }} as "distance",
        {{ read_integer('"_text_hour"', 'integer', '"_parsed_hour"') }} as "hour",
        {{ read_integer('"_text_minute"', 'integer', '"_parsed_minute"') }} as "minute",
        {{ read_timestamp('"_text_time_hour"', 'timestamp with time zone', '"_parsed_time_hour"') }} as "time_hour"
    from parsed

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
        when ("year" is null and "_text_year" is not null and "_text_year" not in ('NA'))
        or ("month" is null and "_text_month" is not null and "_text_month" not in ('NA'))
        or ("day" is null and "_text_day" is not null and "_text_day" not in ('NA'))
        or ("dep_time" is null and "_text_dep_time" is not null and "_text_dep_time" not in ('NA'))
        or ("sched_dep_time" is null and "_text_sched_dep_time" is not null and "_text_sched_dep_time" not in ('NA'))
        or ("dep_delay" is null and "_text_dep_delay" is not null and "_text_dep_delay" not in ('NA'))
        or ("arr_time" is null and "_text_arr_time" is not null and "_text_arr_time" not in ('NA'))
        or ("sched_arr_time" is null and "_text_sched_arr_time" is not null and "_text_sched_arr_time" not in ('NA'))
        or ("arr_delay" is null and "_text_arr_delay" is not null and "_text_arr_delay" not in ('NA'))
        or ("flight" is null and "_text_flight" is not null and "_text_flight" not in ('NA'))
        or ("air_time" is null and "_text_air_time" is not null and "_text_air_time" not in ('NA'))
        or ("distance" is null and "_text_distance" is not null and "_text_distance" not in ('NA'))
        or ("hour" is null and "_text_hour" is not null and "_text_hour" not in ('NA'))
        or ("minute" is null and "_text_minute" is not null and "_text_minute" not in ('NA'))
        or ("time_hour" is null and "_text_time_hour" is not null and "_text_time_hour" not in ('NA'))
        then list_filter([
            case when ("year" is null and "_text_year" is not null and "_text_year" not in ('NA')) then 'year' end,
            case when ("month" is null and "_text_month" is not null and "_text_month" not in ('NA')) then 'month' end,
            case when ("day" is null and "_text_day" is not null and "_text_day" not in ('NA')) then 'day' end,
            case when ("dep_time" is null and "_text_dep_time" is not null and "_text_dep_time" not in ('NA')) then 'dep_time' end,
            case when ("sched_dep_time" is null and "_text_sched_dep_time" is not null and "_text_sched_dep_time" not in ('NA')) then 'sched_dep_time' end,
            case when ("dep_delay" is null and "_text_dep_delay" is not null and "_text_dep_delay" not in ('NA')) then 'dep_delay' end,
            case when ("arr_time" is null and "_text_arr_time" is not null and "_text_arr_time" not in ('NA')) then 'arr_time' end,
            case when ("sched_arr_time" is null and "_text_sched_arr_time" is not null and "_text_sched_arr_time" not in ('NA')) then 'sched_arr_time' end,
            case when ("arr_delay" is null and "_text_arr_delay" is not null and "_text_arr_delay" not in ('NA')) then 'arr_delay' end,
            case when ("flight" is null and "_text_flight" is not null and "_text_flight" not in ('NA')) then 'flight' end,
            case when ("air_time" is null and "_text_air_time" is not null and "_text_air_time" not in ('NA')) then 'air_time' end,
            case when ("distance" is null and "_text_distance" is not null and "_text_distance" not in ('NA')) then 'distance' end,
            case when ("hour" is null and "_text_hour" is not null and "_text_hour" not in ('NA')) then 'hour' end,
            case when ("minute" is null and "_text_minute" is not null and "_text_minute" not in ('NA')) then 'minute' end,
            case when ("time_hour" is null and "_text_time_hour" is not null and "_text_time_hour" not in ('NA')) then 'time_hour' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
