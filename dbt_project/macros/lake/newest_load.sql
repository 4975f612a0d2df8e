{#- The last of all loads of an entity that this build knows, earlier builds' included. -#}
{% macro newest_load(product, table) -%}
    (select load_id from assay.newest where entity = '{{ product }}.{{ table }}')
{%- endmacro %}
