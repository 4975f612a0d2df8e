with planes as (

    select * from {{ ref('flights__planes') }}

)

select
    tailnum,
    year,
    type,
    manufacturer,
    model,
    engines,
    seats,
    speed,
    engine
from planes
