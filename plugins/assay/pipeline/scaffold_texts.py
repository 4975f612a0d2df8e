"""The texts of a new product's files."""

from __future__ import annotations

import json
from collections.abc import Collection

import yaml

from assay.pipeline.scaffold_guess import ColumnDraft, TableDraft

_KEY_COMMENT = """\
# A key is yours to name: `primaryKey: true` and `primaryKeyPosition: 1` on its columns. With one,
# deliveryMode can be `upsert` (a row replaces the one with its key) or `snapshot` (a delivery
# replaces all rows); without, every row is kept.
"""


def dag_text(product: str) -> str:
    """Write the DAG file."""
    return f'''"""{product}: from its deliveries to a release."""

from assay.airflow import product_dag

dag = product_dag("{product}")
'''


def entity_text(product: str, table: TableDraft, owner: str, personal: Collection[str]) -> str:
    """Write the contract of a landed table."""
    guessed = (
        f"# Types and null texts were guessed from {_plain(table.sample)}"
        f" ({table.sample_rows:,} rows): confirm them.\n"
        if table.sample
        else "# These columns are an example: put the real ones in their place.\n"
    )
    return (
        f"{guessed}{_KEY_COMMENT}"
        f"# Then run: assay contracts compile {product}\n"
        f"{_head(product, table.name, owner, f'{table.name} as delivered.')}"
        f"""servers:
  - server: deliveries
    environment: local
    type: local
    path: {product}/{table.name}/*.csv
    format: csv
{_delimiter(table)}schema:
  - name: {_name(table.name)}
    logicalType: object
    description: {table.name} as delivered.
    dataGranularityDescription: One row a delivered row.
    customProperties:
      - {{property: deliveryMode, value: append}}
      - {{property: sourceSystem, value: {_name(product)}}}
      - {{property: nullTexts, value: {json.dumps(list(table.null_texts))}}}
    properties:
""" + "".join(_property(column, personal, is_landed=True) for column in table.columns)
    )


def gold_text(
    product: str, gold: str, table: TableDraft, owner: str, personal: Collection[str]
) -> str:
    """Write the contract of the example gold table."""
    return (
        "# An example: what this table promises to its readers. Change it with its model,\n"
        f"# dbt_project/models/gold/{product}/{gold}.sql.\n"
        f"{_head(product, gold, owner, f'The accepted rows of {table.name}.')}"
        f"""schema:
  - name: {_name(gold)}
    logicalType: object
    description: The accepted rows of {table.name}.
    dataGranularityDescription: One row an accepted row of {table.name}.
    customProperties:
      - {{property: layer, value: gold}}
    properties:
""" + "".join(_property(column, personal, is_landed=False) for column in table.columns)
    )


def gold_model_text(product: str, table: TableDraft) -> str:
    """Write the SQL of the example gold table."""
    columns = ",\n".join(f'    "{column.name}"' for column in table.columns)
    return f"""with accepted as (

    select * from {{{{ ref('{product}__{table.name}') }}}}

)

select
{columns}
from accepted
"""


def _head(product: str, table: str, owner: str, purpose: str) -> str:
    return f"""apiVersion: v3.1.0
kind: DataContract
id: {product}.{table}
name: {_name(table)}
version: 1.0.0
status: active
domain: {_name(product)}
dataProduct: {_name(product)}
description:
  purpose: {purpose}
team:
  name: {json.dumps(owner)}
"""


def _delimiter(table: TableDraft) -> str:
    if table.delimiter == ",":
        return ""
    value = json.dumps(table.delimiter)
    return f"    customProperties:\n      - {{property: delimiter, value: {value}}}\n"


def _property(column: ColumnDraft, personal: Collection[str], *, is_landed: bool) -> str:
    lines = [f"- name: {_name(column.name)}"]
    if is_landed and column.physical_name != column.name:
        lines.append(f"  physicalName: {json.dumps(column.physical_name, ensure_ascii=False)}")
    lines.append(f"  logicalType: {column.logical_type}")
    if column.physical_type:
        lines.append(f"  physicalType: {column.physical_type}")
    lines.append(f"  description: {json.dumps(column.physical_name, ensure_ascii=False)}")
    if column.name in personal:
        lines.append("  classification: restricted  # looks personal by its name: confirm")
        lines.append("  customProperties:")
        lines.append("    - {property: personalData, value: true}")
    if is_landed and column.may_be_key:
        lines.append("  # every row of the sample has its own value here: is this the key?")
        lines.append("  # primaryKey: true")
        lines.append("  # primaryKeyPosition: 1")
    return "".join(f"      {line}\n" for line in lines)


def _name(name: str) -> str:
    """Write an identifier in YAML, which takes ``true``, ``no`` and ``on`` for no texts."""
    return name if yaml.safe_load(name) == name else json.dumps(name)


def _plain(text: str) -> str:
    """Keep a file's name on its comment line."""
    return " ".join(text.split())
