"""Compiles contracts to dbt's YAML: the only ``models:`` entry that a contracted model has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import yaml

from assay.contracts.dbt_tests import column_tests, table_tests
from assay.contracts.predicates import escape_jinja
from assay.domain import LOAD_COLUMNS, Column, Contract, Layer

_LOAD_COLUMN_TEXTS = {
    "_load_id": "The load that delivered the row.",
    "_source_file": "The delivered file or relation.",
    "_row_number": "The row's place in its delivery, from 1.",
    "_ingested_at": "When the delivery was landed, UTC.",
}
# By name: the type in DuckDB, and what the column says.
_QUARANTINE_COLUMNS = {
    "_rules_broken": ("varchar[]", "Every rule that the row broke."),
    "_first_seen_at": (
        "timestamp with time zone",
        "When the row landed, or the row that it is a replay of, UTC.",
    ),
    "_replay_of_load_id": (
        "varchar",
        "The load of the row that it is a replay of; NULL where it is none.",
    ),
    "_replay_of_row_number": ("bigint", "That row's place in its delivery."),
}


def compile_properties(contract: Contract) -> dict[PurePosixPath, str]:
    """Write the YAML of every model that a contract covers, by path under ``models``."""
    note = f"# Compiled from {contract.path} by `assay contracts compile`: edit the contract.\n"
    if contract.layer is Layer.GOLD:
        path = PurePosixPath("gold") / contract.product / "compiled" / f"{contract.table}.yml"
        return {path: note + _dump({"models": [_gold(contract)]})}
    bronze = PurePosixPath("bronze") / contract.product / f"{contract.bronze.name}.yml"
    silver = PurePosixPath("silver") / contract.product / "compiled" / f"{contract.silver.name}.yml"
    return {
        bronze: note + _dump({"sources": [_source(contract)], "models": [_bronze(contract)]}),
        silver: note + _dump({"models": [_silver(contract), _quarantine(contract)]}),
    }


def _dump(content: dict[str, object]) -> str:
    document = _escape({"version": 2, **content})
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _escape(content: object) -> object:
    """Keep dbt from reading a contract's texts as templates."""
    if isinstance(content, str):
        return escape_jinja(content)
    if isinstance(content, list):
        return [_escape(each) for each in content]
    if isinstance(content, dict):
        return {key: _escape(value) for key, value in content.items()}
    return content


def _meta(contract: Contract) -> dict[str, object]:
    return {"owner": contract.owner, "contract": contract.path, "version": contract.version}


def _gold(contract: Contract) -> dict[str, object]:
    return _checked(contract, contract.table, _describe(contract), [])


def _silver(contract: Contract) -> dict[str, object]:
    text = f"Accepted rows. {_describe(contract)}"
    return _checked(contract, contract.silver.name, text, _load_columns())


def _checked(
    contract: Contract, name: str, description: str, more: list[dict[str, object]]
) -> dict[str, object]:
    """Describe a table whose rows keep the contract's rules."""
    model: dict[str, object] = {
        "name": name,
        "description": description,
        "config": {"meta": _meta(contract), "contract": {"enforced": True}},
        "columns": [*(_column(each, contract) for each in contract.columns), *more],
    }
    return model | _tests(table_tests(contract))


def _bronze(contract: Contract) -> dict[str, object]:
    return {
        "name": contract.bronze.name,
        "description": f"Every row of {contract.table} as it was delivered, as text.",
        "config": {"meta": _meta(contract)},
        "columns": [*_delivered(contract), *_load_columns()],
    }


def _quarantine(contract: Contract) -> dict[str, object]:
    return {
        "name": f"quarantine_{contract.quarantine.name}",
        "description": f"Rows of {contract.table} that broke a rule, as delivered.",
        "config": {"meta": _meta(contract)},
        "columns": [*_delivered(contract), *_load_columns(), *_listed(_QUARANTINE_COLUMNS)],
    }


def _source(contract: Contract) -> dict[str, object]:
    return {
        "name": f"landing_{contract.product}",
        "schema": "landing",
        "tables": [
            {
                "name": contract.silver.name,
                "description": f"The landed deliveries of {contract.table} that a run brings in.",
            }
        ],
    }


def _column(column: Column, contract: Contract) -> dict[str, object]:
    entry: dict[str, object] = {
        "name": column.name,
        "description": column.description,
        "data_type": column.data_type,
    }
    tests = _tests(column_tests(contract, column))
    # dbt's own tests write a column's name into SQL as it is: SQL may reserve it, such as `order`.
    return entry | ({"quote": True} | tests if tests else {})


def _tests(tests: Sequence[object]) -> dict[str, object]:
    return {"data_tests": list(tests)} if tests else {}


def _delivered(contract: Contract) -> list[dict[str, object]]:
    return [
        {"name": each.name, "description": each.description, "data_type": "varchar"}
        for each in contract.columns
    ]


def _load_columns() -> list[dict[str, object]]:
    return _listed({n: (kind, _LOAD_COLUMN_TEXTS[n]) for n, kind in LOAD_COLUMNS.items()})


def _listed(columns: Mapping[str, tuple[str, str]]) -> list[dict[str, object]]:
    return [
        {"name": name, "description": text, "data_type": data_type}
        for name, (data_type, text) in columns.items()
    ]


def _describe(contract: Contract) -> str:
    return " ".join(each for each in (contract.description, contract.grain) if each)
