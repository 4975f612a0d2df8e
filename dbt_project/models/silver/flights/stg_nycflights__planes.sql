{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('int_flights__planes_typed') }}

),

final as (

    select
        "tailnum",
        "year",
        "type",
        "manufacturer",
        "model",
        "engines",
        "seats",
        "speed",
        "engine",
        {{ load_columns() }}
    from source

)

select * from final
