{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('int_flights__airports_typed') }}

),

final as (

    select
        "faa",
        "name",
        "lat",
        "lon",
        "alt",
        "tz",
        "dst",
        "tzone",
        {{ load_columns() }}
    from source

)

select * from final
