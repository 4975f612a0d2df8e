with airlines as (

    select * from {{ ref('flights__airlines') }}

)

select
    carrier,
    name
from airlines
