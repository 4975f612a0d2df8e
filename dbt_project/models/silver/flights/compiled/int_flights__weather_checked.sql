-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='split', entity='flights.weather') }}

with staged as (

    select * from {{ ref('stg_nycflights__weather') }}

),

conformed as (

    select
        cast("origin" as varchar) as "origin",
        cast("year" as integer) as "year",
        cast("month" as integer) as "month",
        cast("day" as integer) as "day",
        cast("hour" as integer) as "hour",
        cast("temp" as double) as "temp",
        cast("dewp" as double) as "dewp",
        cast("humid" as double) as "humid",
        cast("wind_dir" as integer) as "wind_dir",
        cast("wind_speed" as double) as "wind_speed",
        cast("wind_gust" as double) as "wind_gust",
        cast("precip" as double) as "precip",
        cast("pressure" as double) as "pressure",
        cast("visib" as double) as "visib",
        cast("time_hour" as timestamp with time zone) as "time_hour",
        {{ load_columns() }}
    from staged

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
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    _unreadable,
    (
        (coalesce(len(_unreadable), 0) = 0)
        and ("origin" is not null)
        and ("year" is not null)
        and ("month" is not null)
        and ("day" is not null)
        and ("hour" is not null)
        and ("time_hour" is not null)
        and ("month" >= 1)
        and ("month" <= 12)
        and ("day" >= 1)
        and ("day" <= 31)
        and ("hour" >= 0)
        and ("hour" <= 23)
        and ("humid" >= 0 and not isnan("humid"))
        and ("humid" <= 100)
        and ("wind_dir" >= 0)
        and ("wind_dir" <= 360)
        and ("wind_speed" >= 0 and not isnan("wind_speed"))
        and ("wind_gust" >= 0 and not isnan("wind_gust"))
        and ("precip" >= 0 and not isnan("precip"))
        and ("visib" >= 0 and not isnan("visib"))
    ) is false as _is_broken
from conformed
