-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__weather') }}
    where {{ in_scope('flights', 'weather') }}

),

texts as (

    select
        nullif("origin", 'NA') as "_text_origin",
        "year" as "_text_year",
        "month" as "_text_month",
        "day" as "_text_day",
        "hour" as "_text_hour",
        "temp" as "_text_temp",
        "dewp" as "_text_dewp",
        "humid" as "_text_humid",
        "wind_dir" as "_text_wind_dir",
        "wind_speed" as "_text_wind_speed",
        "wind_gust" as "_text_wind_gust",
        "precip" as "_text_precip",
        "pressure" as "_text_pressure",
        "visib" as "_text_visib",
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
        case when "_text_hour" not in ('NA') then {{ parse_text('"_text_hour"', 'integer') }} end as "_parsed_hour",
        case when "_text_temp" not in ('NA') then {{ parse_text('"_text_temp"', 'double') }} end as "_parsed_temp",
        case when "_text_dewp" not in ('NA') then {{ parse_text('"_text_dewp"', 'double') }} end as "_parsed_dewp",
        case when "_text_humid" not in ('NA') then {{ parse_text('"_text_humid"', 'double') }} end as "_parsed_humid",
        case when "_text_wind_dir" not in ('NA') then {{ parse_text('"_text_wind_dir"', 'integer') }} end as "_parsed_wind_dir",
        case when "_text_wind_speed" not in ('NA') then {{ parse_text('"_text_wind_speed"', 'double') }} end as "_parsed_wind_speed",
        case when "_text_wind_gust" not in ('NA') then {{ parse_text('"_text_wind_gust"', 'double') }} end as "_parsed_wind_gust",
        case when "_text_precip" not in ('NA') then {{ parse_text('"_text_precip"', 'double') }} end as "_parsed_precip",
        case when "_text_pressure" not in ('NA') then {{ parse_text('"_text_pressure"', 'double') }} end as "_parsed_pressure",
        case when "_text_visib" not in ('NA') then {{ parse_text('"_text_visib"', 'double') }} end as "_parsed_visib",
        case when "_text_time_hour" not in ('NA') then {{ parse_text('"_text_time_hour"', 'timestamp with time zone') }} end as "_parsed_time_hour"
    from texts

),

typed as (

    select
        *,
        "_text_origin" as "origin",
        {{ read_integer('"_text_year"', 'integer', '"_parsed_year"') }} as "year",
        {{ read_integer('"_text_month"', 'integer', '"_parsed_month"') }} as "month",
        {{ read_integer('"_text_day"', 'integer', '"_parsed_day"') }} as "day",
        {{ read_integer('"_text_hour"', 'integer', '"_parsed_hour"') }} as "hour",
        {{ read_number('"_text_temp"', 'double', '"_parsed_temp"') }} as "temp",
        {{ read_number('"_text_dewp"', 'double', '"_parsed_dewp"') }} as "dewp",
        {{ read_number('"_text_humid"', 'double', '"_parsed_humid"') }} as "humid",
        {{ read_integer('"_text_wind_dir"', 'integer', '"_parsed_wind_dir"') }} as "wind_dir",
        {{ read_number('"_text_wind_speed"', 'double', '"_parsed_wind_speed"') }} as "wind_speed",
        {{ read_number('"_text_wind_gust"', 'double', '"_parsed_wind_gust"') }} as "wind_gust",
        {{ read_number('"_text_precip"', 'double', '"_parsed_precip"') }} as "precip",
        {{ read_number('"_text_pressure"', 'double', '"_parsed_pressure"') }} as "pressure",
        {{ read_number('"_text_visib"', 'double', '"_parsed_visib"') }} as "visib",
        {{ read_timestamp('"_text_time_hour"', 'timestamp with time zone', '"_parsed_time_hour"') }} as "time_hour"
    from parsed

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
        when ("year" is null and "_text_year" is not null and "_text_year" not in ('NA'))
        or ("month" is null and "_text_month" is not null and "_text_month" not in ('NA'))
        or ("day" is null and "_text_day" is not null and "_text_day" not in ('NA'))
        or ("hour" is null and "_text_hour" is not null and "_text_hour" not in ('NA'))
        or ("temp" is null and "_text_temp" is not null and "_text_temp" not in ('NA'))
        or ("dewp" is null and "_text_dewp" is not null and "_text_dewp" not in ('NA'))
        or ("humid" is null and "_text_humid" is not null and "_text_humid" not in ('NA'))
        or ("wind_dir" is null and "_text_wind_dir" is not null and "_text_wind_dir" not in ('NA'))
        or ("wind_speed" is null and "_text_wind_speed" is not null and "_text_wind_speed" not in ('NA'))
        or ("wind_gust" is null and "_text_wind_gust" is not null and "_text_wind_gust" not in ('NA'))
        or ("precip" is null and "_text_precip" is not null and "_text_precip" not in ('NA'))
        or ("pressure" is null and "_text_pressure" is not null and "_text_pressure" not in ('NA'))
        or ("visib" is null and "_text_visib" is not null and "_text_visib" not in ('NA'))
        or ("time_hour" is null and "_text_time_hour" is not null and "_text_time_hour" not in ('NA'))
        then list_filter([
            case when ("year" is null and "_text_year" is not null and "_text_year" not in ('NA')) then 'year' end,
            case when ("month" is null and "_text_month" is not null and "_text_month" not in ('NA')) then 'month' end,
            case when ("day" is null and "_text_day" is not null and "_text_day" not in ('NA')) then 'day' end,
            case when ("hour" is null and "_text_hour" is not null and "_text_hour" not in ('NA')) then 'hour' end,
            case when ("temp" is null and "_text_temp" is not null and "_text_temp" not in ('NA')) then 'temp' end,
            case when ("dewp" is null and "_text_dewp" is not null and "_text_dewp" not in ('NA')) then 'dewp' end,
            case when ("humid" is null and "_text_humid" is not null and "_text_humid" not in ('NA')) then 'humid' end,
            case when ("wind_dir" is null and "_text_wind_dir" is not null and "_text_wind_dir" not in ('NA')) then 'wind_dir' end,
            case when ("wind_speed" is null and "_text_wind_speed" is not null and "_text_wind_speed" not in ('NA')) then 'wind_speed' end,
            case when ("wind_gust" is null and "_text_wind_gust" is not null and "_text_wind_gust" not in ('NA')) then 'wind_gust' end,
            case when ("precip" is null and "_text_precip" is not null and "_text_precip" not in ('NA')) then 'precip' end,
            case when ("pressure" is null and "_text_pressure" is not null and "_text_pressure" not in ('NA')) then 'pressure' end,
            case when ("visib" is null and "_text_visib" is not null and "_text_visib" not in ('NA')) then 'visib' end,
            case when ("time_hour" is null and "_text_time_hour" is not null and "_text_time_hour" not in ('NA')) then 'time_hour' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
