"""Every field that the standard gives to a schema is compiled, refused, or stated as for people.

The fields are asked of the standard's own JSON schema: one that a later version adds fails here
until somebody has decided what it means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from contract_files import ContractFolder, Document, column, schema
from open_data_contract_standard.model import OpenDataContractStandard

from assay.contracts import compile_contracts
from assay.domain import ForPeople
from assay.errors import ContractError

ROOT = Path(__file__).parents[3]
DEFINITIONS: Document = json.loads(OpenDataContractStandard.json_schema())["$defs"]
Change = Callable[[Document], object]
COMPILED, REFUSED, FOR_PEOPLE = "compiled", "refused", "for people"

DEFINITION = [{"url": "https://shop.example/definitions", "type": "businessDefinition"}]
# What is set of each field; more than one where its values differ in what they ask.
TEXTS: Mapping[str, list[Any]] = {
    "id": ["an_id"],
    "name": ["another"],
    "description": ["Another text."],
    "businessName": ["Name"],
    "tags": [["a"]],
    "authoritativeDefinitions": [DEFINITION],
    "customProperties": [[{"property": "colour", "value": "red"}]],
    "deprecated": [True],
    "synonyms": [[{"synonym": "other"}]],
    "context": ["Words for a model of language."],
    "physicalName": ["other"],
}
OF_TABLE: Mapping[str, list[Any]] = TEXTS | {
    "physicalType": ["view"],
    "logicalType": ["object"],
    "dataGranularityDescription": ["One row a line."],
    "properties": [[{"name": "id", "logicalType": "integer"}]],
    "relationships": [[{"from": "orders.id", "to": "gone.id"}]],
    "quality": [[{"metric": "rowCount", "mustBe": 1}]],
}
OF_COLUMN: Mapping[str, list[Any]] = TEXTS | {
    "physicalType": ["date", "varchar(9)"],
    "logicalType": ["boolean", "time", "map", "array", "object", "vector"],
    "logicalTypeOptions": [{"minLength": 2}],
    "primaryKey": [True],
    "primaryKeyPosition": [1],
    "required": [True],
    "unique": [True],
    "semanticType": ["measure", "dimension"],
    "partitioned": [True],
    "partitionKeyPosition": [1],
    "classification": ["restricted"],
    "encryptedName": ["status_encrypted"],
    "transformSourceObjects": [["raw.orders"]],
    "transformLogic": ["upper(status)"],
    "transformDescription": ["In capitals."],
    "examples": [["new"]],
    "enum": [[{"value": "new"}]],
    "criticalDataElement": [True],
    "relationships": [[{"to": "gone.id"}]],
    "quality": [[{"metric": "nullValues", "mustBe": 0}]],
    "properties": [[{"name": "part", "logicalType": "string"}]],
    "items": [{"logicalType": "string"}],
    "map": [{"key": {"logicalType": "string"}, "value": {"logicalType": "string"}}],
}
PEOPLE_OF_TABLE = {
    *("businessName", "tags", "authoritativeDefinitions", "deprecated", "synonyms", "context"),
    *("physicalType", "logicalType"),
}
PEOPLE_OF_COLUMN = {
    *("businessName", "tags", "authoritativeDefinitions", "deprecated", "synonyms"),
    *("encryptedName", "transformSourceObjects", "transformLogic", "transformDescription"),
    *("examples", "criticalDataElement", "semanticType: dimension"),
}
# One rule of each form.
RULES: Mapping[str, Document] = {
    "rows": {"metric": "rowCount", "mustBe": 5},
    "row": {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["a"]}},
    "figure": {"metric": "nullValues", "mustBeLessThan": 5},
    "sql": {"type": "sql", "query": "select 1 from ${object}", "mustBe": 1},
    "predicate": {"type": "custom", "engine": "assay", "name": "own", "implementation": "id > 1"},
    "expectation": {
        "type": "custom",
        "engine": "greatExpectations",
        "implementation": {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}},
    },
    "text": {"type": "text"},
}
OF_RULE: Mapping[str, list[Any]] = TEXTS | {
    "businessImpact": ["operational"],
    "dimension": ["accuracy"],
    "method": ["reconciliation"],
    "schedule": ["0 20 * * *"],
    "scheduler": ["cron"],
    "severity": ["info", "dire"],
    "type": ["text", "sql"],
    "unit": ["percent", "dozen"],
    "metric": ["duplicateValues", "smells"],
    "rule": ["rowCount"],
    "arguments": [{"validValues": ["b"]}],
    "query": ["select 2 from ${object}"],
    "engine": ["soda"],
    "implementation": ["id > 2"],
    **{each: [7] for each in ("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeLessThan")},
    **{each: [7] for each in ("mustBeGreaterOrEqualTo", "mustBeLessOrEqualTo")},
    **{each: [[7, 8]] for each in ("mustBeBetween", "mustNotBeBetween")},
}
PEOPLE_OF_RULE = {
    *("id", "tags", "authoritativeDefinitions", "businessImpact", "method"),
}
# A text is for people whole; no row is 0 percent of them.
PEOPLE_OF_ONE_RULE = {
    "row": {"unit: percent"},
    "text": {"name", "description", "dimension", "severity: info", "severity: dire", "type: text"},
    "sql": {"type: sql"},
}
OPTIONS: Mapping[str, list[Any]] = {
    "minLength": [2],
    "maxLength": [2],
    "pattern": ["[a-z]+"],
    "format": ["email", "dd.MM.yyyy", "i8", "f32"],
    "minimum": [5, "2024-01-31"],
    "maximum": [5, "2024-01-31"],
    "exclusiveMinimum": [5, "2024-01-31"],
    "exclusiveMaximum": [5, "2024-01-31"],
    "multipleOf": [5],
    "timezone": [False],
    "defaultTimezone": ["Europe/Paris"],
    "maxProperties": [2],
    "minProperties": [2],
    "required": [["part"]],
    "maxItems": [2],
    "minItems": [2],
    "uniqueItems": [True],
    "dimensions": [3],
    "elementType": ["int8"],
    "distanceMetric": ["cosine"],
    "embeddingModel": ["a"],
    "embeddingModelVersion": ["1"],
    "normalized": [True],
}
TYPES: Mapping[str, Document] = {
    "object": {"properties": [{"name": "part", "logicalType": "string"}]},
    "array": {"items": {"logicalType": "string"}},
    "map": {"map": OF_COLUMN["map"][0]},
    "vector": {"logicalTypeOptions": {"dimensions": 3}},
}


def _fields(node: Document) -> set[str]:
    """Name the properties that a definition allows, whichever of its conditions holds."""
    if "$ref" in node:
        node = {**DEFINITIONS[node["$ref"].rpartition("/")[2]], **_without(node, "$ref")}
    found = set(node.get("properties", ()))
    for part in [*node.get("allOf", ()), *node.get("oneOf", ())]:
        found |= _fields(part)
    return found | (_fields(node["then"]) if "then" in node else set())


def _without(node: Document, key: str) -> Document:
    return {name: value for name, value in node.items() if name != key}


def _options() -> Iterator[tuple[str, str]]:
    """List each logical type with each of its options."""
    for part in DEFINITIONS["SchemaBaseProperty"]["allOf"]:
        conditions = part.get("if", {}).get("anyOf", [part.get("if", {})])
        options = part.get("then", {}).get("properties", {}).get("logicalTypeOptions", {})
        for condition in conditions:
            for option in options.get("properties", ()):
                yield condition["properties"]["logicalType"]["const"], option


def _samples(names: set[str], values: Mapping[str, list[Any]]) -> list[tuple[str, str, object]]:
    """List (title, field, value); the title says the value where a field has several."""
    return [
        (name if len(values[name]) == 1 else f"{name}: {value}", name, value)
        for name in sorted(names)
        for value in values[name]
    ]


def _outcome(contracts: ContractFolder, base: Change, change: Change) -> str:
    try:
        before = _read(contracts, base)
    except ContractError:
        return REFUSED
    try:
        after = _read(contracts, lambda document: (base(document), change(document)))
    except ContractError:
        return REFUSED
    return FOR_PEOPLE if before == after else COMPILED


def _read(contracts: ContractFolder, change: Change) -> tuple[object, object]:
    """Read what a contract means and compile it, but for what its page alone says to people."""
    contract = contracts.read(change)
    files = compile_contracts([contract])
    meant = replace(contract, for_people=ForPeople())
    return meant, {path: text for path, text in files.items() if not path.endswith(".md")}


@pytest.mark.parametrize(
    ("title", "field", "value"), _samples(_fields(DEFINITIONS["SchemaObject"]), OF_TABLE)
)
def test_a_field_of_a_table_is_never_ignored(
    contracts: ContractFolder, title: str, field: str, value: object
) -> None:
    def base(document: Document) -> None:
        schema(document).pop("logicalType")

    found = _outcome(contracts, base, lambda document: schema(document).update({field: value}))
    assert (found == FOR_PEOPLE) == (title in PEOPLE_OF_TABLE), found


@pytest.mark.parametrize(
    ("title", "field", "value"), _samples(_fields(DEFINITIONS["SchemaProperty"]), OF_COLUMN)
)
def test_a_field_of_a_column_is_never_ignored(
    contracts: ContractFolder, title: str, field: str, value: object
) -> None:
    def base(document: Document) -> None:
        column(document, "id")["primaryKey"] = field not in ("primaryKey", "primaryKeyPosition")

    def change(document: Document) -> None:
        column(document, "status").update({field: value})

    found = _outcome(contracts, base, change)
    assert (found == FOR_PEOPLE) == (title in PEOPLE_OF_COLUMN), found


@pytest.mark.parametrize("form", RULES)
@pytest.mark.parametrize(
    ("title", "field", "value"), _samples(_fields(DEFINITIONS["DataQuality"]), OF_RULE)
)
def test_a_field_of_a_rule_is_never_ignored(
    contracts: ContractFolder, form: str, title: str, field: str, value: object
) -> None:
    rule = dict(RULES[form])

    def base(document: Document) -> None:
        owner = column(document, "status") if form in ("row", "figure") else schema(document)
        owner["quality"] = [rule]

    def change(document: Document) -> None:
        if field.startswith("must"):
            for each in [name for name in rule if name.startswith("must")]:
                del rule[each]
        rule[field] = value

    found = _outcome(contracts, base, change)
    people = PEOPLE_OF_RULE | PEOPLE_OF_ONE_RULE.get(form, set())
    assert (found == FOR_PEOPLE) == (title in people), found


@pytest.mark.parametrize(("kind", "option"), sorted(set(_options())))
def test_an_option_of_a_type_is_never_ignored(
    contracts: ContractFolder, kind: str, option: str
) -> None:
    name = {"integer": "id", "number": "price", "date": "day", "timestamp": "at"}.get(
        kind, "status"
    )
    given = dict(TYPES.get(kind, {}).get("logicalTypeOptions", {}))

    def base(document: Document) -> None:
        column(document, name).update({"logicalType": kind} | TYPES.get(kind, {}))

    for value in OPTIONS[option]:

        def change(document: Document, value: object = value) -> None:
            column(document, name)["logicalTypeOptions"] = given | {option: value}

        assert _outcome(contracts, base, change) != FOR_PEOPLE


def test_the_standard_has_options_for_these_types() -> None:
    assert {kind for kind, _ in _options()} == {
        *("string", "integer", "number", "date", "timestamp", "time"),
        *("object", "array", "vector"),
    }


@cache
def _documented() -> dict[str, set[str]]:
    """Read the reference's list of what is for people, by what it stands in."""
    text = (ROOT / "docs" / "reference" / "contracts.md").read_text(encoding="utf-8")
    section = text.split("### For people\n")[1].split("\n#")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:2] == "| "]
    return {row[0]: set(re.findall(r"`([^`]+)`", row[1])) for row in rows[2:]}


def test_the_reference_lists_what_is_for_people() -> None:
    assert _documented() == {
        "the schema": PEOPLE_OF_TABLE,
        "a column": PEOPLE_OF_COLUMN,
        "a rule": PEOPLE_OF_RULE,
    }
