with flights as (

    select * from {{ ref('fct_flights') }}

),

airports as (

    select * from {{ ref('dim_airports') }}

),

by_month as (

    select
        year,
        month,
        origin,
        dest,
        count(*) as flights,
        count(dep_time) as departed,
        avg(dep_delay) as average_dep_delay_minutes,
        avg(arr_delay) as average_arr_delay_minutes,
        avg(air_time) as average_air_time_minutes
    from flights
    group by year, month, origin, dest

)

select
    by_month.year,
    by_month.month,
    by_month.origin,
    by_month.dest,
    airports.name as dest_name,
    by_month.flights,
    by_month.departed,
    by_month.average_dep_delay_minutes,
    by_month.average_arr_delay_minutes,
    by_month.average_air_time_minutes
from by_month
left join airports on by_month.dest = airports.faa
