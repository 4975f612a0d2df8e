-- Compiled from contracts/flights/airports.odcs.yaml by `assay contracts compile`: edit the contract.
{{ config(materialized='scratch') }}

with staged as (

    select * from {{ ref('stg_nycflights__airports') }}

),

conformed as (

    select
        cast("faa" as varchar) as "faa",
        cast("name" as varchar) as "name",
        cast("lat" as double) as "lat",
        cast("lon" as double) as "lon",
        cast("alt" as integer) as "alt",
        cast("tz" as integer) as "tz",
        cast("dst" as varchar) as "dst",
        cast("tzone" as varchar) as "tzone",
        {{ load_columns() }}
    from staged

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
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    case
        when ("faa" is null)
        or ("name" is null)
        or _unreadable is not null
        or ("lat" is null)
        or ("lon" is null)
        or (("lat" >= -90) is false)
        or (("lat" <= 90) is false)
        or (("lon" >= -180) is false)
        or (("lon" <= 180) is false)
        then nullif(list_filter([
            case when ("faa" is null) then 'faa_required' end,
            case when ("name" is null) then 'name_required' end,
            case when coalesce(list_contains(_unreadable, 'lat'), false) then 'lat_type' end,
            case when ("lat" is null and not coalesce(list_contains(_unreadable, 'lat'), false)) then 'lat_required' end,
            case when coalesce(list_contains(_unreadable, 'lon'), false) then 'lon_type' end,
            case when ("lon" is null and not coalesce(list_contains(_unreadable, 'lon'), false)) then 'lon_required' end,
            case when coalesce(list_contains(_unreadable, 'alt'), false) then 'alt_type' end,
            case when coalesce(list_contains(_unreadable, 'tz'), false) then 'tz_type' end,
            case when (("lat" >= -90) is false) then 'lat_minimum' end,
            case when (("lat" <= 90) is false) then 'lat_maximum' end,
            case when (("lon" >= -180) is false) then 'lon_minimum' end,
            case when (("lon" <= 180) is false) then 'lon_maximum' end
        ], lambda broken : broken is not null), [])
    end as _rules_broken
from conformed
