"""Whatever field of the standard is changed: what compiles otherwise is told as a change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
import yaml
from contract_diffs import FILE, TODAY, base
from contract_field_values import OF_COLUMN, OF_CONTRACT, OF_LEVEL, OF_RULE, OF_TABLE
from contract_files import ORDERS, Document, column, schema

from assay.contracts import compile_contracts
from assay.contracts.changes import ContractSource, compare_contracts, read_source

Holder = Callable[[Document], Document]
PART = {"name": "note", "logicalType": "string"}
TRUTH = {"type": "sql", "name": "truth", "query": "select true from ${object}", "mustBe": True}
HOLDERS: Mapping[str, tuple[Holder, Mapping[str, list[Any]]]] = {
    "contract": (lambda document: document, OF_CONTRACT),
    "table": (schema, OF_TABLE),
    "column": (lambda document: column(document, "price"), OF_COLUMN),
    "part": (lambda document: column(document, "basket")["properties"][0], OF_COLUMN),
    "rule": (lambda document: schema(document)["quality"][0], OF_RULE),
    "truth": (lambda document: schema(document)["quality"][-1], OF_RULE | {"mustBe": [False, 7]}),
    "service level": (lambda document: document["slaProperties"][0], OF_LEVEL),
}


def _document() -> Document:
    document = copy.deepcopy(ORDERS)
    base(document)
    basket = {"name": "basket", "logicalType": "object", "properties": [dict(PART)]}
    schema(document)["properties"].append(basket)
    schema(document)["quality"].append(dict(TRUTH))
    return document


def _source(document: Document) -> ContractSource:
    return read_source(FILE, yaml.safe_dump(document, sort_keys=False).encode())


@cache
def _before() -> tuple[ContractSource, dict[str, str]]:
    source = _source(_document())
    assert source.contract is not None
    return source, compile_contracts([source.contract])


def _asks(source: ContractSource) -> set[tuple[str, ...]]:
    """What a contract's rules ask, whatever they are called."""
    assert source.contract is not None
    rows, tables = source.contract.row_rules, source.contract.table_rules
    asked = {(rule.predicate, rule.severity) for rule in rows}
    return asked | {(each.expectation, str(each.arguments), each.severity) for each in tables}


@pytest.mark.parametrize("holder", HOLDERS)
def test_no_change_is_silent_or_called_one_of_texts_alone(holder: str) -> None:
    of, values = HOLDERS[holder]
    before, files = _before()
    told, silent = set(), []
    for field in values.keys() - {"version"}:
        for value in values[field]:
            document = _document()
            of(document)[field] = copy.deepcopy(value)
            after = _source(document)
            if after.contract is None or compile_contracts([after.contract]) == files:
                continue
            found = compare_contracts([before], [after], TODAY)
            changes = [change for diff in found for change in diff.changes]
            is_all_text = all(change.is_text for change in changes)
            if not changes or (is_all_text and _asks(after) != _asks(before)):
                silent.append((field, value))
            else:
                told.add(field)
    assert silent == []
    assert "description" in told
