-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__planes') }}
    where {{ in_scope('flights', 'planes') }}

),

texts as (

    select
        nullif("tailnum", 'NA') as "_text_tailnum",
        nullif("year", 'NA') as "_text_year",
        nullif("type", 'NA') as "_text_type",
        nullif("manufacturer", 'NA') as "_text_manufacturer",
        nullif("model", 'NA') as "_text_model",
        nullif("engines", 'NA') as "_text_engines",
        nullif("seats", 'NA') as "_text_seats",
        nullif("speed", 'NA') as "_text_speed",
        nullif("engine", 'NA') as "_text_engine",
        _load_id,
        _source_file,
        _row_number,
        _ingested_at
    from source

),

typed as (

    select
        *,
        "_text_tailnum" as "tailnum",
        {{ read_integer('"_text_year"', 'integer') }} as "year",
        "_text_type" as "type",
        "_text_manufacturer" as "manufacturer",
        "_text_model" as "model",
        {{ read_integer('"_text_engines"', 'integer') }} as "engines",
        {{ read_integer('"_text_seats"', 'integer') }} as "seats",
        {{ read_integer('"_text_speed"', 'integer') }} as "speed",
        "_text_engine" as "engine"
    from texts

)

select
    "tailnum",
    "year",
    "type",
    "manufacturer",
    "model",
    "engines",
    "seats",
    "speed",
    "engine",
    case
        when ("year" is null and "_text_year" is not null)
        or ("engines" is null and "_text_engines" is not null)
        or ("seats" is null and "_text_seats" is not null)
        or ("speed" is null and "_text_speed" is not null)
        then list_filter([
            case when ("year" is null and "_text_year" is not null) then 'year' end,
            case when ("engines" is null and "_text_engines" is not null) then 'engines' end,
            case when ("seats" is null and "_text_seats" is not null) then 'seats' end,
            case when ("speed" is null and "_text_speed" is not null) then 'speed' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
