{#-
    Read a text as a whole number; NULL where it is none: 5, +5, 5.0 and 1e3 are; 5.5, 1_000,
    0x1F and 4.9999999999999999999 are not. A cast alone would round or take them otherwise. Whether
    digits alone stand behind a sign or a digit GLOB tells at a fraction of a pattern's cost. `parsed`
    is the text's `parse_text`, where that is a column already.
-#}
{% macro read_integer(text, data_type, parsed=none) -%}
    {{ return(adapter.dispatch('read_integer')(text, data_type, parsed or parse_text(text, data_type))) }}
{%- endmacro %}

{% macro default__read_integer(text, data_type, parsed) -%}
    case
        when not ({{ text }} glob '?*[!0-9]*' or {{ text }} glob '.*') then {{ parsed }}
        when regexp_full_match({{ text }}, '\s*[+-]?[0-9]+(\.0*|[eE]\+?[0-9]{1,2})?\s*') then {{ parsed }}
    end
{%- endmacro %}
