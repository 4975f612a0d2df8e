-- Compiled from contracts/flights/weather.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

{{ row_exceptions(
    product='flights',
    table='weather',
    mode='upsert',
    checked=ref('int_flights__weather_checked'),
    broken=ref('int_flights__weather_broken'),
    key=['origin', 'time_hour'],
    ordering=none,
    columns=['origin', 'year', 'month', 'day', 'hour', 'temp', 'dewp', 'humid', 'wind_dir', 'wind_speed', 'wind_gust', 'precip', 'pressure', 'visib', 'time_hour']
) }}
