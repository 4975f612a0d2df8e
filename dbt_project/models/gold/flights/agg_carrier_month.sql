with flights as (

    select * from {{ ref('fct_flights') }}

),

carriers as (

    select * from {{ ref('dim_carriers') }}

),

by_month as (

    select
        year,
        month,
        carrier,
        count(*) as flights,
        count(dep_time) as departed,
        count(*) - count(dep_time) as cancelled,
        cast(sum(dep_delay) as bigint) as total_dep_delay_minutes,
        avg(dep_delay) as average_dep_delay_minutes,
        avg(arr_delay) as average_arr_delay_minutes,
        cast(sum(distance) as bigint) as total_distance_miles
    from flights
    group by year, month, carrier

)

select
    by_month.year,
    by_month.month,
    by_month.carrier,
    carriers.name as carrier_name,
    by_month.flights,
    by_month.departed,
    by_month.cancelled,
    by_month.total_dep_delay_minutes,
    by_month.average_dep_delay_minutes,
    by_month.average_arr_delay_minutes,
    by_month.total_distance_miles
from by_month
left join carriers on by_month.carrier = carriers.carrier
