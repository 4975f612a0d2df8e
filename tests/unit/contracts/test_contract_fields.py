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
from contract_field_values import (
    OF_COLUMN,
    OF_CONTRACT,
    OF_LEVEL,
    OF_RULE,
    OF_SERVER,
    OF_TABLE,
    OPTIONS,
    PEOPLE_OF_COLUMN,
    PEOPLE_OF_CONTRACT,
    PEOPLE_OF_LEVEL,
    PEOPLE_OF_ONE_RULE,
    PEOPLE_OF_RULE,
    PEOPLE_OF_SERVER,
    PEOPLE_OF_TABLE,
    RULES,
    SERVERS,
    TYPES,
)
from contract_files import ContractFolder, Document, column, schema
from open_data_contract_standard.model import OpenDataContractStandard

from assay.contracts import compile_contracts
from assay.domain import Contract, ForPeople
from assay.errors import ContractError

ROOT = Path(__file__).parents[3]
STANDARD: Document = json.loads(OpenDataContractStandard.json_schema())
DEFINITIONS: Document = STANDARD["$defs"]
Change = Callable[[Document], object]
COMPILED, REFUSED, FOR_PEOPLE = "compiled", "refused", "for people"


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
