-- Compiled from contracts/flights/airports.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='ephemeral') }}

with source as (

    select * from {{ ref('bronze_nycflights__airports') }}
    where {{ in_scope('flights', 'airports') }}

),

texts as (

    select
        nullif("faa", 'NA') as "_text_faa",
        nullif("name", 'NA') as "_text_name",
        "lat" as "_text_lat",
        "lon" as "_text_lon",
        "alt" as "_text_alt",
        "tz" as "_text_tz",
        nullif("dst", 'NA') as "_text_dst",
        nullif("tzone", 'NA') as "_text_tzone",
        _load_id,
        _source_file,
        _row_number,
        _ingested_at
    from source

),

parsed as (

    select
        *,
        case when "_text_lat" not in ('NA') then {{ parse_text('"_text_lat"', 'double') }} end as "_parsed_lat",
        case when "_text_lon" not in ('NA') then {{ parse_text('"_text_lon"', 'double') }} end as "_parsed_lon",
        case when "_text_alt" not in ('NA') then {{ parse_text('"_text_alt"', 'integer') }} end as "_parsed_alt",
        case when "_text_tz" not in ('NA') then {{ parse_text('"_text_tz"', 'integer') }} end as "_parsed_tz"
    from texts

),

typed as (

    select
        *,
        "_text_faa" as "faa",
        "_text_name" as "name",
        {{ read_number('"_text_lat"', 'double', '"_parsed_lat"') }} as "lat",
        {{ read_number('"_text_lon"', 'double', '"_parsed_lon"') }} as "lon",
        {{ read_integer('"_text_alt"', 'integer', '"_parsed_alt"') }} as "alt",
        {{ read_integer('"_text_tz"', 'integer', '"_parsed_tz"') }} as "tz",
        "_text_dst" as "dst",
        "_text_tzone" as "tzone"
    from parsed

)

select
    "faa",
    "name",
    "lat",
    "lon",
    "alt",
    "tz",
    "dst",
    "tzone",
    case
        when ("lat" is null and "_text_lat" is not null and "_text_lat" not in ('NA'))
        or ("lon" is null and "_text_lon" is not null and "_text_lon" not in ('NA'))
        or ("alt" is null and "_text_alt" is not null and "_text_alt" not in ('NA'))
        or ("tz" is null and "_text_tz" is not null and "_text_tz" not in ('NA'))
        then list_filter([
            case when ("lat" is null and "_text_lat" is not null and "_text_lat" not in ('NA')) then 'lat' end,
            case when ("lon" is null and "_text_lon" is not null and "_text_lon" not in ('NA')) then 'lon' end,
            case when ("alt" is null and "_text_alt" is not null and "_text_alt" not in ('NA')) then 'alt' end,
            case when ("tz" is null and "_text_tz" is not null and "_text_tz" not in ('NA')) then 'tz' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
