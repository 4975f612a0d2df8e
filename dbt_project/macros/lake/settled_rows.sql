{#-
    The rows of an entity that people settled: (load_id, row_number, disposition, rules_broken),
    with the disposition replayed or discarded. They take no part in silver, whatever they say.
-#}
{% macro settled_rows(product, table) -%}
    (
        select load_id, row_number, disposition, rules_broken
        from assay.settled where entity = '{{ product }}.{{ table }}'
    )
{%- endmacro %}
