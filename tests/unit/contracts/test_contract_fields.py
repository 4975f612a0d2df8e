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
from assay.domain import Contract, ForPeople
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
# The contract itself, its servers and service levels.
STANDARD: Document = json.loads(OpenDataContractStandard.json_schema())
OF_CONTRACT: Mapping[str, list[Any]] = TEXTS | {
    "apiVersion": ["v3.0.2", "v2.2.2"],
    "kind": ["DataContract"],
    "version": ["9.0.0"],
    "status": ["deprecated"],
    "description": [{"purpose": "Another."}],
    "team": [{"name": "others"}],
    "schema": [[]],
    "servers": [[{"server": "s", "type": "local", "path": "x", "format": "csv"}]],
    "slaDefaultElement": ["orders.at"],
    "slaProperties": [[{"property": "volume", "value": 1}]],
    "contractCreatedTs": ["2024-01-01T00:00:00Z"],
    **{each: ["a"] for each in ("tenant", "dataProduct", "domain")},
    "price": [{"priceAmount": 5}],
    "roles": [[{"role": "reader"}]],
    "support": [[{"channel": "help", "url": "https://shop.example/help"}]],
}
PEOPLE_OF_CONTRACT = {
    *("id", "name", "kind", "apiVersion: v3.0.2", "tenant", "domain", "dataProduct", "context"),
    *("description", "support", "authoritativeDefinitions", "contractCreatedTs", "price", "roles"),
}
SERVERS: Mapping[str, Document] = {
    "local": {"server": "s", "type": "local", "path": "x", "format": "csv"},
    "postgres": {
        "server": "s",
        "type": "postgres",
        "host": "h",
        "port": 1,
        "database": "d",
        "schema": "s",
        "customProperties": [{"property": "table", "value": "orders"}],
    },
}
OF_SERVER: Mapping[str, list[Any]] = TEXTS | {
    **{each: ["another"] for each in ("server", "environment", "path", "host", "database")},
    "type": ["s3"],
    "format": ["parquet"],
    "encoding": ["UTF-16"],
    "port": [2],
    "schema": ["t"],
    "roles": [[{"role": "reader"}]],
}
PEOPLE_OF_SERVER = {"id", "description", "roles"}
OF_LEVEL: Mapping[str, list[Any]] = TEXTS | {
    "property": ["freshness"],
    "value": [2],
    "valueExt": [3],
    "unit": ["d"],
    "element": ["orders.day"],
    "driver": ["regulatory"],
    "scheduler": ["cron"],
    "schedule": ["0 20 * * *"],
}
PEOPLE_OF_LEVEL = {"id", "driver", "authoritativeDefinitions"}
OPTIONS: Mapping[str, list[Any]] = {
    "minLength": [2],
    "maxLength": [2],
    "pattern": ["[a-z]+"],
    "format": ["email", "password", "dd.MM.yyyy", "i8", "f32"],
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
        before = _without_page(contracts.read(base))
        after = _without_page(contracts.read(lambda d: (base(d), change(d))))
    except ContractError:
        return REFUSED
    is_same = before == after and _checked_files(before) == _checked_files(after)
    return FOR_PEOPLE if is_same else COMPILED


def _without_page(contract: Contract) -> Contract:
    """Leave out what stands on the contract's page alone."""
    return replace(contract, for_people=ForPeople())


def _checked_files(contract: Contract) -> dict[str, str]:
    """Compile a contract, but for its page, which is for people."""
    files = compile_contracts([contract])
    return {path: text for path, text in files.items() if not path.endswith(".md")}


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


@pytest.mark.parametrize("holder", ["object", "array"])
@pytest.mark.parametrize(
    ("title", "field", "value"), _samples(_fields(DEFINITIONS["SchemaProperty"]), OF_COLUMN)
)
def test_a_field_of_a_part_of_a_column_is_never_ignored(
    contracts: ContractFolder, holder: str, title: str, field: str, value: object
) -> None:
    part: Document = {"name": "part", "logicalType": "string"}

    def base(document: Document) -> None:
        held = {"properties": [part]} if holder == "object" else {"items": part}
        column(document, "status").update({"logicalType": holder} | held)

    found = _outcome(contracts, base, lambda _: part.update({field: value}))
    people = PEOPLE_OF_COLUMN | {"id"} | ({"name"} if holder == "array" else set())
    assert (found == FOR_PEOPLE) == (title in people), found


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


@pytest.mark.parametrize(("title", "field", "value"), _samples(_fields(STANDARD), OF_CONTRACT))
def test_a_field_of_a_contract_is_never_ignored(
    contracts: ContractFolder, title: str, field: str, value: object
) -> None:
    found = _outcome(contracts, lambda _: None, lambda document: document.update({field: value}))
    assert (found == FOR_PEOPLE) == (title in PEOPLE_OF_CONTRACT), found


def _server_fields(kind: str) -> set[str]:
    source = DEFINITIONS["ServerSource"][f"{kind.capitalize()}Server"]
    return _fields(DEFINITIONS["Server"] | {"allOf": []}) | _fields(source)


@pytest.mark.parametrize(
    ("kind", "title", "field", "value"),
    [(kind, *each) for kind in SERVERS for each in _samples(_server_fields(kind), OF_SERVER)],
)
def test_a_field_of_a_server_is_never_ignored(
    contracts: ContractFolder, kind: str, title: str, field: str, value: object
) -> None:
    server = dict(SERVERS[kind])
    found = _outcome(
        contracts,
        lambda document: document.update(servers=[server]),
        lambda _: server.update({field: value}),
    )
    assert (found == FOR_PEOPLE) == (title in PEOPLE_OF_SERVER), found


@pytest.mark.parametrize(
    ("title", "field", "value"),
    _samples(_fields(DEFINITIONS["ServiceLevelAgreementProperty"]), OF_LEVEL),
)
def test_a_field_of_a_service_level_is_never_ignored(
    contracts: ContractFolder, title: str, field: str, value: object
) -> None:
    level: Document = {"property": "latency", "value": 1, "unit": "h", "element": "orders.at"}
    found = _outcome(
        contracts,
        lambda document: document.update(slaProperties=[level]),
        lambda _: level.update({field: value}),
    )
    assert (found == FOR_PEOPLE) == (title in PEOPLE_OF_LEVEL), found


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
        "the contract": PEOPLE_OF_CONTRACT,
        "a server": PEOPLE_OF_SERVER,
        "a service level": PEOPLE_OF_LEVEL,
        "the schema": PEOPLE_OF_TABLE,
        "a column": PEOPLE_OF_COLUMN,
        "a rule": PEOPLE_OF_RULE,
    }
