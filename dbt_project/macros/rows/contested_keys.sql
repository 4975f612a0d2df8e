{#-
    CTEs `keyed` (rows that broke no rule), `contested_keys` and `contenders`: only the rows
    whose key stands more than once, in the new loads or in what is there. Everything that
    costs is done for them alone.
-#}
{% macro contested_keys(base, keys, key, partition) %}
, keyed as {{ inlined() }} (

    select * exclude (_duplicate_of), hash({{ partition }}) as _key_hash
    from sound
    where _duplicate_of is null

),

contested_keys as (

    select _key_hash from keyed group by _key_hash having count(*) > 1
    {% if base is not none %}
    union
    select keyed._key_hash
    from keyed
    semi join {{ base }} as base
        on {% for each in key %}keyed.{{ each | tojson }} = base.{{ each | tojson }}
        {%- if not loop.last %} and {% endif %}{% endfor %}
    {% endif %}

),

contenders as (

    select *, true as _is_new
    from keyed
    where _key_hash in (select _key_hash from contested_keys)
    {% if base is not none %}
    union all by name
    select base.*, hash({{ keys }}) as _key_hash, false as _is_new
    from {{ base }} as base
    where hash({{ keys }}) in (select _key_hash from contested_keys)
    {% endif %}

)
{% endmacro %}
