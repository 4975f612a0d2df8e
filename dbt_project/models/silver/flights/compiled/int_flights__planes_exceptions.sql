-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

{{ row_exceptions(
    product='flights',
    table='planes',
    mode='snapshot',
    checked=ref('int_flights__planes_checked'),
    broken=ref('int_flights__planes_broken'),
    key=['tailnum'],
    ordering=none,
    columns=['tailnum', 'year', 'type', 'manufacturer', 'model', 'engines', 'seats', 'speed', 'engine']
) }}
