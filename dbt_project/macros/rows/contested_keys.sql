{#-
    CTEs `sound` (rows that broke no rule), `contested_keys` and `contenders`: only the rows
    whose key stands more than once, in the new loads or in what is there. Everything that
    costs is done for them alone.
-#}
{% macro contested_keys(base, keys, key, partition) %}
, sound as {{ inlined() }} (

    select *, hash({{ partition }}) as _key_hash
    from checked
    where _rules_broken is null and _duplicate_of is null

),

contested_keys as (

    select _key_hash from sound group by _key_hash having count(*) > 1
    {% if base is not none %}
    union
    select sound._key_hash
    from sound
    semi join {{ base }} as base
        on {% for each in key %}sound.{{ each | tojson }} = base.{{ each | tojson }}
        {%- if not loop.last %} and {% endif %}{% endfor %}
    {% endif %}

),

contenders as (

    select * exclude (_rules_broken, _duplicate_of), true as _is_new
    from sound
    where _key_hash in (select _key_hash from contested_keys)
    {% if base is not none %}
    union all by name
    select base.*, hash({{ keys }}) as _key_hash, false as _is_new
    from {{ base }} as base
    where hash({{ keys }}) in (select _key_hash from contested_keys)
    {% endif %}

)
{% endmacro %}
