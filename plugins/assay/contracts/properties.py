"""Compiles contracts to dbt's YAML: the only ``models:`` entry that a contracted model has."""

from __future__ import annotations

from pathlib import PurePosixPath

import yaml

from assay.contracts.predicates import escape_jinja
from assay.contracts.relationship_checks import column_tests, compound_tests
from assay.contracts.suites import LOAD_COLUMNS
from assay.domain import Column, Contract, Layer

_LOAD_COLUMN_TEXTS = {
    "_load_id": "The load that delivered the row.",
    "_source_file": "The delivered file or relation.",
    "_row_number": "The row's place in its delivery, from 1.",
    "_ingested_at": "When the delivery was landed, UTC.",
}
_QUARANTINE_COLUMN_TEXTS = {
    "_rules_broken": "Every rule that the row broke.",
    "_first_seen_at": "When the row landed, or the row that it is a replay of, UTC.",
    "_replay_of_load_id": "The load of the row that it is a replay of; NULL where it is none.",
    "_replay_of_row_number": "That row's place in its delivery.",
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
    model: dict[str, object] = {
        "name": contract.table,
        "description": _describe(contract),
        "config": {"meta": _meta(contract), "contract": {"enforced": True}},
        "columns": [_column(c, contract) | {"data_type": c.data_type} for c in contract.columns],
    }
    return model | _table_tests(contract)


def _silver(contract: Contract) -> dict[str, object]:
    model: dict[str, object] = {
        "name": contract.silver.name,
        "description": f"Accepted rows. {_describe(contract)}",
        "config": {"meta": _meta(contract)},
        "columns": [*(_column(c, contract) for c in contract.columns), *_load_columns()],
    }
    return model | _table_tests(contract)


def _table_tests(contract: Contract) -> dict[str, object]:
    tests: list[dict[str, object]] = compound_tests(contract)
    if contract.key:
        arguments = {"arguments": {"columns": list(contract.key)}}
        tests.insert(0, {"unique_together": arguments})
    return {"data_tests": tests} if tests else {}


def _bronze(contract: Contract) -> dict[str, object]:
    return {
        "name": contract.bronze.name,
        "description": f"Every row of {contract.table} as it was delivered, as text.",
        "config": {"meta": _meta(contract)},
        "columns": [
            *({"name": c.name, "description": c.description} for c in contract.columns),
            *_load_columns(),
        ],
    }


def _quarantine(contract: Contract) -> dict[str, object]:
    return {
        "name": f"quarantine_{contract.quarantine.name}",
        "description": f"Rows of {contract.table} that broke a rule, as delivered.",
        "config": {"meta": _meta(contract)},
        "columns": [
            *({"name": c.name, "description": c.description} for c in contract.columns),
            *_load_columns(),
            *(
                {"name": name, "description": text}
                for name, text in _QUARANTINE_COLUMN_TEXTS.items()
            ),
        ],
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
    entry: dict[str, object] = {"name": column.name, "description": column.description}
    tests: list[object] = ["not_null"] if column.required else []
    if column.unique:
        tests.append("unique")
    tests += column_tests(contract, column.name)
    return entry | ({"data_tests": tests} if tests else {})


def _load_columns() -> list[dict[str, object]]:
    return [{"name": name, "description": _LOAD_COLUMN_TEXTS[name]} for name in LOAD_COLUMNS]


def _describe(contract: Contract) -> str:
    return " ".join(each for each in (contract.description, contract.grain) if each)
