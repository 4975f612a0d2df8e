-- Compiled from contracts/flights/airports.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

{{ row_exceptions(
    product='flights',
    table='airports',
    mode='snapshot',
    checked=ref('int_flights__airports_checked'),
    broken=ref('int_flights__airports_broken'),
    key=['faa'],
    ordering=none,
    columns=['faa', 'name', 'lat', 'lon', 'alt', 'tz', 'dst', 'tzone']
) }}
