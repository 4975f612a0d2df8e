"""Compiles contracts to Great Expectations suites."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from assay.contracts.predicates import escape_query
from assay.contracts.relationship_checks import relationship_expectation
from assay.domain import LOAD_COLUMNS, Contract, Layer, RowRule, Severity, TableRef, TableRule


def compile_suites(contract: Contract) -> dict[TableRef, str]:
    """Write the suites of every table that a contract covers, as JSON texts by table.

    A landed entity's contract covers its bronze, silver and quarantine tables; a published
    table's covers that table.
    """
    if contract.layer is Layer.GOLD:
        table = contract.main_table
        return {table: _suite(table, contract, _table_expectations(contract))}
    return {
        contract.bronze: _suite(contract.bronze, contract, _bronze_expectations(contract)),
        contract.silver: _suite(contract.silver, contract, _table_expectations(contract)),
        contract.quarantine: _suite(
            contract.quarantine, contract, [_not_null("_rules_broken"), _load_key()]
        ),
    }


def _suite(table: TableRef, contract: Contract, expectations: Sequence[dict[str, object]]) -> str:
    document = {
        "name": table.suite,
        "meta": {"compiled_from": contract.path, "contract_version": contract.version},
        "expectations": list(expectations),
    }
    return json.dumps(document, indent=2, sort_keys=False, ensure_ascii=False) + "\n"


def _table_expectations(contract: Contract) -> list[dict[str, object]]:
    names = [column.name for column in contract.columns]
    columns = names if contract.layer is Layer.GOLD else [*names, *LOAD_COLUMNS]
    expectations = [_columns_match(columns)]
    expectations += [_not_null(column.name) for column in contract.columns if column.required]
    if contract.key:
        expectations.append(_unique(contract.key))
    expectations += [
        _unique((column.name,))
        for column in contract.columns
        if column.unique and contract.key != (column.name,)
    ]
    expectations += [_row_expectation(rule) for rule in contract.row_rules]
    expectations += [
        _expectation(
            rule.expectation,
            dict(rule.arguments),
            rule.severity,
            rule.description,
            _meta(rule) | ({} if rule.figure_unit is None else {"figure_unit": rule.figure_unit}),
        )
        for rule in contract.table_rules
    ]
    return [*expectations, *map(relationship_expectation, contract.relationships)]


def _bronze_expectations(contract: Contract) -> list[dict[str, object]]:
    names = [column.name for column in contract.columns]
    return [_columns_match([*names, *LOAD_COLUMNS]), _not_null("_ingested_at"), _load_key()]


def _columns_match(columns: Sequence[str]) -> dict[str, object]:
    return _expectation(
        "expect_table_columns_to_match_set",
        {"column_set": list(columns), "exact_match": True},
        Severity.CRITICAL,
        "the table has exactly the contract's columns",
    )


def _not_null(column: str) -> dict[str, object]:
    return _expectation(
        "expect_column_values_to_not_be_null",
        {"column": column},
        Severity.CRITICAL,
        f"{column} is always there",
    )


def _unique(columns: Sequence[str]) -> dict[str, object]:
    kind, kwargs = "expect_column_values_to_be_unique", dict[str, object](column=columns[0])
    if len(columns) > 1:
        kind, kwargs = "expect_compound_columns_to_be_unique", {"column_list": list(columns)}
    return _expectation(kind, kwargs, Severity.CRITICAL, f"{', '.join(columns)} stands once")


def _load_key() -> dict[str, object]:
    return _expectation(
        "expect_compound_columns_to_be_unique",
        {"column_list": ["_load_id", "_row_number"]},
        Severity.CRITICAL,
        "each landed row stands once",
    )


def _row_expectation(rule: RowRule) -> dict[str, object]:
    query = f"select * from {{batch}} where ({escape_query(rule.predicate)}) is false"
    return _expectation(
        "unexpected_rows_expectation",
        {"unexpected_rows_query": query},
        rule.severity,
        rule.description or rule.name,
        _meta(rule),
    )


def _meta(rule: RowRule | TableRule) -> dict[str, object]:
    dimension = {"dimension": rule.dimension} if rule.dimension else {}
    return {"name": rule.name, **dimension}


def _expectation(
    kind: str,
    kwargs: dict[str, object],
    severity: Severity,
    description: str,
    meta: Mapping[str, object] | None = None,
) -> dict[str, object]:
    expectation: dict[str, object] = {"type": kind, "kwargs": kwargs, "severity": severity.value}
    if description:
        expectation["description"] = description
    if meta:
        expectation["meta"] = dict(meta)
    return expectation
