{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('int_flights__airlines_typed') }}

),

final as (

    select
        "carrier",
        "name",
        {{ load_columns() }}
    from source

)

select * from final
