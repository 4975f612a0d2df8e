{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('int_flights__weather_typed') }}

),

final as (

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
        {{ load_columns() }}
    from source

)

select * from final
