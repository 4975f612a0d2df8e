-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__weather') }}
    where {{ in_scope('flights', 'weather') }}

),

texts as (

    select
        nullif("origin", 'NA') as "_text_origin",
        nullif("year", 'NA') as "_text_year",
        nullif("month", 'NA') as "_text_month",
        nullif("day", 'NA') as "_text_day",
        nullif("hour", 'NA') as "_text_hour",
        nullif("temp", 'NA') as "_text_temp",
        nullif("dewp", 'NA') as "_text_dewp",
        nullif("humid", 'NA') as "_text_humid",
        nullif("wind_dir", 'NA') as "_text_wind_dir",
        nullif("wind_speed", 'NA') as "_text_wind_speed",
        nullif("wind_gust", 'NA') as "_text_wind_gust",
        nullif("precip", 'NA') as "_text_precip",
        nullif("pressure", 'NA') as "_text_pressure",
        nullif("visib", 'NA') as "_text_visib",
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
        "_text_origin" as "origin",
        {{ read_integer('"_text_year"', 'integer') }} as "year",
        {{ read_integer('"_text_month"', 'integer') }} as "month",
        {{ read_integer('"_text_day"', 'integer') }} as "day",
        {{ read_integer('"_text_hour"', 'integer') }} as "hour",
        {{ read_number('"_text_temp"', 'double') }} as "temp",
        {{ read_number('"_text_dewp"', 'double') }} as "dewp",
        {{ read_number('"_text_humid"', 'double') }} as "humid",
        {{ read_integer('"_text_wind_dir"', 'integer') }} as "wind_dir",
        {{ read_number('"_text_wind_speed"', 'double') }} as "wind_speed",
        {{ read_number('"_text_wind_gust"', 'double') }} as "wind_gust",
        {{ read_number('"_text_precip"', 'double') }} as "precip",
        {{ read_number('"_text_pressure"', 'double') }} as "pressure",
        {{ read_number('"_text_visib"', 'double') }} as "visib",
        {{ read_timestamp('"_text_time_hour"', 'timestamp with time zone') }} as "time_hour"
    from texts

)

select
    "origin",
    "year",
    "month",
    "day",
    "hour",
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
    "time_hour",
    case
        when ("year" is null and "_text_year" is not null)
        or ("month" is null and "_text_month" is not null)
        or ("day" is null and "_text_day" is not null)
        or ("hour" is null and "_text_hour" is not null)
        or ("temp" is null and "_text_temp" is not null)
        or ("dewp" is null and "_text_dewp" is not null)
        or ("humid" is null and "_text_humid" is not null)
        or ("wind_dir" is null and "_text_wind_dir" is not null)
        or ("wind_speed" is null and "_text_wind_speed" is not null)
        or ("wind_gust" is null and "_text_wind_gust" is not null)
        or ("precip" is null and "_text_precip" is not null)
        or ("pressure" is null and "_text_pressure" is not null)
        or ("visib" is null and "_text_visib" is not null)
        or ("time_hour" is null and "_text_time_hour" is not null)
        then list_filter([
            case when ("year" is null and "_text_year" is not null) then 'year' end,
            case when ("month" is null and "_text_month" is not null) then 'month' end,
            case when ("day" is null and "_text_day" is not null) then 'day' end,
            case when ("hour" is null and "_text_hour" is not null) then 'hour' end,
            case when ("temp" is null and "_text_temp" is not null) then 'temp' end,
            case when ("dewp" is null and "_text_dewp" is not null) then 'dewp' end,
            case when ("humid" is null and "_text_humid" is not null) then 'humid' end,
            case when ("wind_dir" is null and "_text_wind_dir" is not null) then 'wind_dir' end,
            case when ("wind_speed" is null and "_text_wind_speed" is not null) then 'wind_speed' end,
            case when ("wind_gust" is null and "_text_wind_gust" is not null) then 'wind_gust' end,
            case when ("precip" is null and "_text_precip" is not null) then 'precip' end,
            case when ("pressure" is null and "_text_pressure" is not null) then 'pressure' end,
            case when ("visib" is null and "_text_visib" is not null) then 'visib' end,
            case when ("time_hour" is null and "_text_time_hour" is not null) then 'time_hour' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
