{#- dbt's `table`, as Delta: replaced whole in one commit; earlier versions stay. -#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% do begin_delta() %}
    {% if model['language'] == 'python' %}
        {% call statement('main', language='python') -%}
            {{ python_rows(compiled_code) }}
        {%- endcall %}
    {% endif %}
    {{ return(finish_delta('overwrite', {})) }}
{% endmaterialization %}
