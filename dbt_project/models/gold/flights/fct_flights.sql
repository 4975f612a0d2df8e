with flights as (

    select * from {{ ref('flights__flights') }}

)

select
    make_date(year, month, day) as flight_date,
    year,
    month,
    day,
    dep_time,
    sched_dep_time,
    dep_delay,
    arr_time,
    sched_arr_time,
    arr_delay,
    carrier,
    flight,
    tailnum,
    origin,
    dest,
    air_time,
    distance,
    hour,
    minute,
    time_hour
from flights
