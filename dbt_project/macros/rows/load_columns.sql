{#- The columns that a row carries from its load: every `stg_` model passes them on. -#}
{% macro load_columns() -%}
    _load_id, _source_file, _row_number, _ingested_at, _unreadable
{%- endmacro %}
