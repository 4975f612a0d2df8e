{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('int_flights__flights_typed') }}

),

final as (

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
        {{ load_columns() }}
    from source

)

select * from final
