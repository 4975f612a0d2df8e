-- Compiled from contracts/flights/planes.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__planes') }}
    where {{ in_scope('flights', 'planes') }}

),

texts as (

    select
        nullif("tailnum", 'NA') as "_text_tailnum",
        "year" as "_text_year",
        nullif("type", 'NA') as "_text_type",
        nullif("manufacturer", 'NA') as "_text_manufacturer",
        nullif("model", 'NA') as "_text_model",
        "engines" as "_text_engines",
        "seats" as "_text_seats",
        "speed" as "_text_speed",
        nullif("engine", 'NA') as "_text_engine",
        _load_id,
        _source_file,
        _row_number,
        _ingested_at
    from source

),

parsed as (

    select
        *,
        case when "_text_year" not in ('NA') then {{ parse_text('"_text_year"', 'integer') }} end as "_parsed_year",
        case when "_text_engines" not in ('NA') then {{ parse_text('"_text_engines"', 'integer') }} end as "_parsed_engines",
        case when "_text_seats" not in ('NA') then {{ parse_text('"_text_seats"', 'integer') }} end as "_parsed_seats",
        case when "_text_speed" not in ('NA') then {{ parse_text('"_text_speed"', 'integer') }} end as "_parsed_speed"
    from texts

),

typed as (

    select
        *,
        "_text_tailnum" as "tailnum",
        {{ read_integer('"_text_year"', 'integer', '"_parsed_year"') }} as "year",
        "_text_type" as "type",
        "_text_manufacturer" as "manufacturer",
        "_text_model" as "model",
        {{ read_integer('"_text_engines"', 'integer', '"_parsed_engines"') }} as "engines",
        {{ read_integer('"_text_seats"', 'integer', '"_parsed_seats"') }} as "seats",
        {{ read_integer('"_text_speed"', 'integer', '"_parsed_speed"') }} as "speed",
        "_text_engine" as "engine"
    from parsed

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
        when ("year" is null and "_text_year" is not null and "_text_year" not in ('NA'))
        or ("engines" is null and "_text_engines" is not null and "_text_engines" not in ('NA'))
        or ("seats" is null and "_text_seats" is not null and "_text_seats" not in ('NA'))
        or ("speed" is null and "_text_speed" is not null and "_text_speed" not in ('NA'))
        then list_filter([
            case when ("year" is null and "_text_year" is not null and "_text_year" not in ('NA')) then 'year' end,
            case when ("engines" is null and "_text_engines" is not null and "_text_engines" not in ('NA')) then 'engines' end,
            case when ("seats" is null and "_text_seats" is not null and "_text_seats" not in ('NA')) then 'seats' end,
            case when ("speed" is null and "_text_speed" is not null and "_text_speed" not in ('NA')) then 'speed' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
