-- Compiled from contracts/flights/flights.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

{{ row_exceptions(
    product='flights',
    table='flights',
    mode='upsert',
    checked=ref('int_flights__flights_checked'),
    broken=ref('int_flights__flights_broken'),
    key=['time_hour', 'carrier', 'flight'],
    ordering=none,
    columns=['year', 'month', 'day', 'dep_time', 'sched_dep_time', 'dep_delay', 'arr_time', 'sched_arr_time', 'arr_delay', 'carrier', 'flight', 'tailnum', 'origin', 'dest', 'air_time', 'distance', 'hour', 'minute', 'time_hour']
) }}
