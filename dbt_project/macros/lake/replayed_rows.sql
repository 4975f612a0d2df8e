{#-
    The rows that replays of quarantined rows brought, by (load_id, row_number): the row that
    each stands for (replay_of_…), its place in the order of deliveries (place_…), which is that
    of the row delivered first, and when that one landed (first_seen_at).
-#}
{% macro replayed_rows(product, table) -%}
    (select * exclude (entity) from assay.replays where entity = '{{ product }}.{{ table }}')
{%- endmacro %}
