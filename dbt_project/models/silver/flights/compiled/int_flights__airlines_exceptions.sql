-- Compiled from contracts/flights/airlines.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

{{ row_exceptions(
    product='flights',
    table='airlines',
    mode='snapshot',
    checked=ref('int_flights__airlines_checked'),
    broken=ref('int_flights__airlines_broken'),
    key=['carrier'],
    ordering=none,
    columns=['carrier', 'name']
) }}
