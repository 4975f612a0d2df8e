"""Whatever field of the standard is changed: what compiles otherwise is told as a change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
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
OPERATORS = [each for each in OF_RULE if each.startswith("must")]
KEY = {"primaryKey": [False], "name": ["number"]}
HOLDERS: Mapping[str, tuple[Holder, Mapping[str, list[Any]]]] = {
    "contract": (lambda document: document, OF_CONTRACT),
    "table": (schema, OF_TABLE),
    "column": (lambda document: column(document, "price"), OF_COLUMN),
    "key": (lambda document: column(document, "id"), KEY),
    "part": (lambda document: column(document, "basket")["properties"][0], OF_COLUMN),
    "rule": (lambda document: schema(document)["quality"][0], OF_RULE),
    "truth": (lambda document: schema(document)["quality"][-1], OF_RULE),
    "predicate": (lambda document: schema(document)["quality"][2], OF_RULE),
    "listed": (lambda document: column(document, "status")["quality"][0], OF_RULE),
    "service level": (lambda document: document["slaProperties"][0], OF_LEVEL),
    "promise": (lambda document: document["slaProperties"][2], OF_LEVEL),
}
COLUMNS = [*schema(ORDERS)["properties"], {"name": "more", "logicalType": "string"}]
# What a holder can say of a field where the value for all of them means nothing there.
READABLE: Mapping[str, Mapping[str, list[Any]]] = {
    "contract": {"status": ["active"]},
    "table": {
        "customProperties": [[{"property": "deliveryMode", "value": "snapshot"}]],
        "properties": [COLUMNS],
    },
    "column": {
        "physicalType": ["decimal(12, 2)"],
        "logicalTypeOptions": [{"minimum": 2}],
        "enum": [[{"value": 5}]],
        "customProperties": [[{"property": "personalData", "value": True}]],
    },
    "truth": {"mustBe": [False, 7]},
    "promise": {"value": [6], "valueExt": [30], "unit": ["percent"]},
}
# What has to be changed beside a field; None takes it away.
BESIDE: Mapping[str, Mapping[str, Document]] = {
    "rule": {
        **{each: {"mustBeBetween": None} for each in OPERATORS},
        "metric": {"arguments": {"properties": ["id"]}},
        "type": {"metric": None, "mustBeBetween": None},
    },
    "truth": {
        **{each: {"mustBe": None} for each in OPERATORS},
        "type": {"query": None, "mustBe": None},
    },
    "predicate": {"type": {"engine": None, "implementation": None}},
    "listed": {
        **{each: {"mustBe": None} for each in OPERATORS},
        "metric": {"arguments": None},
        "type": {"metric": None, "arguments": None, "mustBe": None},
    },
    "part": {"logicalType": {"enum": None}},
}


# The fields of which a change is told, and those that nothing can be said of at a holder. All
# others are for people, or what is set of them compiles to the same.
_LIMITS = {
    *("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan"),
    *("mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"),
}
_OF_RULES = {"description", "dimension", "name", "severity", "type"}
TOLD: Mapping[str, set[str]] = {
    "contract": {"description", "servers", "slaProperties", "status", "support", "tags", "team"},
    "table": {
        *("customProperties", "dataGranularityDescription", "description", "properties"),
        "quality",
    },
    "column": {
        *("classification", "customProperties", "description", "enum", "logicalTypeOptions"),
        *("name", "physicalName", "physicalType", "quality", "required", "unique"),
    },
    "key": {"name", "primaryKey"},
    "part": {
        *("description", "enum", "logicalType", "logicalTypeOptions", "name", "physicalName"),
        *("physicalType", "required"),
    },
    "rule": _OF_RULES | _LIMITS | {"metric"},
    "truth": _OF_RULES | _LIMITS | {"query", "unit"},
    "predicate": _OF_RULES | {"implementation"},
    "listed": _OF_RULES | _LIMITS | {"arguments", "metric"},
    "service level": {"description", "element", "property", "unit", "value"},
    "promise": {"description", "value", "valueExt"},
}
_NOT_OF_COLUMNS = {
    *("context", "items", "map", "partitionKeyPosition", "partitioned", "primaryKey"),
    *("primaryKeyPosition", "properties"),
}
_NOT_OF_RULES = {
    *("businessName", "context", "customProperties", "deprecated", "engine", "physicalName"),
    *("rule", "schedule", "scheduler", "synonyms"),
}
_NOT_OF_LEVELS = {
    *("businessName", "context", "customProperties", "deprecated", "name", "physicalName"),
    *("schedule", "scheduler", "synonyms", "tags"),
}
UNREADABLE: Mapping[str, set[str]] = {
    "contract": {
        *("businessName", "customProperties", "deprecated", "physicalName", "schema"),
        *("slaDefaultElement", "synonyms"),
    },
    "table": {"name", "physicalName"},
    "column": _NOT_OF_COLUMNS | {"logicalType"},
    "key": set(),
    "part": _NOT_OF_COLUMNS
    | {"classification", "customProperties", "quality", "relationships", "unique"},
    "rule": _NOT_OF_RULES | {"arguments", "implementation", "query", "unit"},
    "truth": _NOT_OF_RULES | {"arguments", "implementation", "metric"},
    "predicate": _NOT_OF_RULES | _LIMITS | {"arguments", "metric", "query", "unit"},
    "listed": _NOT_OF_RULES | {"implementation", "query"},
    "service level": _NOT_OF_LEVELS | {"valueExt"},
    "promise": _NOT_OF_LEVELS | {"element", "property", "unit"},
}


def _edits(holder: str) -> Iterator[tuple[str, Document]]:
    """List what is set: each field, and with it what has to be changed beside it."""
    values = HOLDERS[holder][1] | READABLE.get(holder, {})
    for field in sorted(values.keys() - {"version"}):
        for value in values[field]:
            yield field, BESIDE.get(holder, {}).get(field, {}) | {field: value}


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
    before, files = _before()
    told, readable, silent = set(), set(), []
    for field, edit in _edits(holder):
        document = _document()
        entry = HOLDERS[holder][0](document)
        entry |= copy.deepcopy(edit)
        for key in [key for key, value in entry.items() if value is None]:
            del entry[key]
        after = _source(document)
        if after.contract is None:
            continue
        readable.add(field)
        if compile_contracts([after.contract]) == files:
            continue
        found = compare_contracts([before], [after], TODAY)
        changes = [change for diff in found for change in diff.changes]
        is_all_text = all(change.is_text for change in changes)
        if not changes or (is_all_text and _asks(after) != _asks(before)):
            silent.append((field, edit))
        else:
            told.add(field)
    assert silent == []
    assert told == TOLD[holder]
    assert {field for field, _ in _edits(holder)} - readable == UNREADABLE[holder]
