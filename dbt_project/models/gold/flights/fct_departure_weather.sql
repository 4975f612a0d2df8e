-- Joined on the hour in UTC: local hours stand twice when the clocks go back.
with flights as (

    select * from {{ ref('fct_flights') }}

),

weather as (

    select * from {{ ref('flights__weather') }}

)

select
    flights.flight_date,
    flights.carrier,
    flights.flight,
    flights.time_hour,
    flights.origin,
    flights.dest,
    flights.dep_delay,
    weather.temp,
    weather.dewp,
    weather.humid,
    weather.wind_dir,
    weather.wind_speed,
    weather.wind_gust,
    weather.precip,
    weather.pressure,
    weather.visib
from flights
left join weather
    on flights.origin = weather.origin and flights.time_hour = weather.time_hour
