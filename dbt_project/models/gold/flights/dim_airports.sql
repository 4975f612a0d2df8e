with airports as (

    select * from {{ ref('flights__airports') }}

)

select
    faa,
    name,
    lat,
    lon,
    alt,
    tz,
    dst,
    tzone
from airports
