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
        nullif("lat", 'NA') as "_text_lat",
        nullif("lon", 'NA') as "_text_lon",
        nullif("alt", 'NA') as "_text_alt",
        nullif("tz", 'NA') as "_text_tz",
        nullif("dst", 'NA') as "_text_dst",
        nullif("tzone", 'NA') as "_text_tzone",
        _load_id,
        _source_file,
        _row_number,
        _ingested_at
    from source

),

typed as (

    select
        *,
        "_text_faa" as "faa",
        "_text_name" as "name",
        {{ read_number('"_text_lat"', 'double') }} as "lat",
        {{ read_number('"_text_lon"', 'double') }} as "lon",
        {{ read_integer('"_text_alt"', 'integer') }} as "alt",
        {{ read_integer('"_text_tz"', 'integer') }} as "tz",
        "_text_dst" as "dst",
        "_text_tzone" as "tzone"
    from texts

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
        when ("lat" is null and "_text_lat" is not null)
        or ("lon" is null and "_text_lon" is not null)
        or ("alt" is null and "_text_alt" is not null)
        or ("tz" is null and "_text_tz" is not null)
        then list_filter([
            case when ("lat" is null and "_text_lat" is not null) then 'lat' end,
            case when ("lon" is null and "_text_lon" is not null) then 'lon' end,
            case when ("alt" is null and "_text_alt" is not null) then 'alt' end,
            case when ("tz" is null and "_text_tz" is not null) then 'tz' end
        ], lambda broken : broken is not null)
    end as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
