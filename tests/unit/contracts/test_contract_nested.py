"""Objects and arrays become structs and lists with rules, or are refused with the place."""

from __future__ import annotations

from typing import Any

import pytest
from contract_files import ContractFolder, Document, custom, schema

from assay.domain import Column, Contract
from assay.errors import ContractError

ADDRESS: dict[str, Any] = {
    "name": "address",
    "logicalType": "object",
    "logicalTypeOptions": {"required": ["street"], "minProperties": 1, "maxProperties": 2},
    "properties": [
        {"name": "street", "physicalName": "Street Name", "logicalType": "string"},
        {
            "name": "zip",
            "logicalType": "string",
            "required": True,
            "logicalTypeOptions": {"pattern": "[0-9]{5}"},
        },
        {
            "name": "seen",
            "logicalType": "array",
            "items": {
                "logicalType": "number",
                "physicalType": "decimal(10, 2)",
                "required": True,
                "enum": [{"value": 1}, {"value": 2.5}],
            },
        },
    ],
}
TAGS: dict[str, Any] = {
    "name": "tags",
    "logicalType": "array",
    "logicalTypeOptions": {"minItems": 1, "maxItems": 2, "uniqueItems": True},
    "items": {
        "logicalType": "array",
        "items": {"logicalType": "string", "logicalTypeOptions": {"maxLength": 3}},
    },
}


def read(contracts: ContractFolder, *columns: dict[str, Any]) -> Contract:
    return contracts.read(lambda document: schema(document)["properties"].extend(columns))


def test_types_follow_from_the_parts(contracts: ContractFolder) -> None:
    address, tags = read(contracts, ADDRESS, TAGS).columns[-2:]
    assert address.data_type == 'struct("street" varchar, "zip" varchar, "seen" decimal(10, 2)[])'
    assert address.parts[0] == Column("street", "Street Name", "varchar", "string", "")
    assert tags.data_type == "varchar[][]"


def test_options_at_any_depth_become_row_rules(contracts: ContractFolder) -> None:
    rules = read(contracts, ADDRESS, TAGS).row_rules
    a = '"address"'
    street, zipped, seen = (f"struct_extract({a}, '{name}')" for name in ("street", "zip", "seen"))
    count = " + ".join(f"({each} is not null)::integer" for each in (street, zipped, seen))
    count = f"(case when {a} is not null then {count} end)"
    assert {rule.name: rule.predicate for rule in rules} == {
        "address_street_required": f"not ({a} is not null and {street} is null)",
        "address_zip_required": f"not ({a} is not null and {zipped} is null)",
        "address_minimum_properties": f"{count} >= 1",
        "address_maximum_properties": f"{count} <= 2",
        "address_zip_pattern": f"regexp_full_match({zipped}, '[0-9]{{5}}')",
        "address_seen_items_required": (
            f"len(list_filter({seen}, lambda item1 : (item1 is not null) is false)) = 0"
        ),
        "address_seen_items_enum": (
            f"len(list_filter({seen}, lambda item1 : (item1 in (1, 2.5)) is false)) = 0"
        ),
        "tags_minimum_items": 'len("tags") >= 1',
        "tags_maximum_items": 'len("tags") <= 2',
        "tags_unique_items": (
            'len("tags") <= list_unique("tags") + least(len("tags") - list_count("tags"), 1)'
        ),
        "tags_items_items_maximum_length": (
            'len(list_filter("tags", lambda item1 : (len(list_filter(item1, lambda item2 :'
            " (length(item2) <= 3) is false)) = 0) is false)) = 0"
        ),
    }
    assert {rule.column for rule in rules} == {"address", "tags"}


def _with(changes: Document, of: dict[str, Any] = ADDRESS) -> dict[str, Any]:
    return of | changes


def _part(**changes: object) -> dict[str, Any]:
    part = {"name": "zip", "logicalType": "string"} | changes
    return {"name": "address", "logicalType": "object", "properties": [part]}


def _item(**changes: object) -> dict[str, Any]:
    return {"name": "tags", "logicalType": "array", "items": {"logicalType": "string"} | changes}


TWICE = [{"name": "zip", "logicalType": "string"}, {"name": "zip", "logicalType": "date"}]
ALIKE = [
    {"name": "one", "physicalName": "k", "logicalType": "string"},
    {"name": "two", "physicalName": "k", "logicalType": "string"},
]


@pytest.mark.parametrize(
    ("column", "what", "where"),
    [
        ({"name": "o", "logicalType": "object"}, "'o', an object, has no properties", "o"),
        ({"name": "a", "logicalType": "array"}, "'a', an array, has no items", "a"),
        (_with({"physicalType": "jsonb"}), "has the physicalType 'jsonb'", "address.physicalType"),
        (_with({"unique": True}), "an object, has unique", "address.unique"),
        (_with({"primaryKey": True}), "an object, has primaryKey", "address.primaryKey"),
        (_with({"properties": TWICE}), "two properties named 'zip'", "properties.zip"),
        (_with({"properties": ALIKE}), "two properties named 'two' or 'k'", "properties.two"),
        (_with({"enum": [{"value": "x"}]}), "an object, has an enum", "address.enum"),
        (
            _with({"logicalTypeOptions": {"required": ["gone"]}}),
            "requires 'gone', which is none of its properties",
            "logicalTypeOptions.required",
        ),
        (_part(unique=True), "'zip' is a part of a column and has unique", "zip.unique"),
        (_part(primaryKey=True), "and has primaryKey", "zip.primaryKey"),
        (_part(classification="secret"), "and has classification", "zip.classification"),
        (_part(quality=[{"metric": "nullValues", "mustBe": 0}]), "and has quality", "zip.quality"),
        (_part(relationships=[{"to": "a.b"}]), "and has relationships", "zip.relationships"),
        (
            _part(customProperties=[{"property": "personalData", "value": True}]),
            "unknown custom property of 'zip', a part of a column: personalData",
            "customProperties",
        ),
        (_part(partitioned=True), "is partitioned, which a contract cannot", "zip.partitioned"),
        (_item(semanticType="measure"), "is a measure", "tags.items.semanticType"),
        (_part(name="Zip"), "'Zip' cannot name a property", "Zip.name"),
        (_part(logicalType="time"), "has the logicalType 'time'", "zip.logicalType"),
        (_part(physicalType="integer"), "is string by its logicalType but integer", "physicalType"),
        (_part(logicalTypeOptions={"minLength": 2, "maxLength": 1}), "no value keeps", "minLength"),
        (
            _item() | {"logicalTypeOptions": {"minItems": 3, "maxItems": 2}},
            "'tags' has minItems 3 and maxItems 2: no value keeps both",
            "logicalTypeOptions.minItems",
        ),
        (_item(logicalType="object"), "an object, has no properties", "tags.items"),
        (
            _item(physicalName="Tag"),
            "the items of 'tags' have the physicalName",
            "items.physicalName",
        ),
        (_item(primaryKeyPosition=1), "has primaryKeyPosition", "items.primaryKeyPosition"),
        (_item(logicalTypeOptions={"format": "byte"}), "the option format", "items."),
    ],
)
def test_what_cannot_be_compiled(
    contracts: ContractFolder, column: dict[str, Any], what: str, where: str
) -> None:
    with pytest.raises(ContractError) as caught:
        read(contracts, column)
    assert what in caught.value.what
    assert where in caught.value.where, caught.value.where


def test_a_part_without_a_type_is_refused(contracts: ContractFolder) -> None:
    with pytest.raises(ContractError, match="'zip' has no logicalType") as caught:
        read(contracts, ADDRESS | {"properties": [{"name": "zip"}]})
    assert caught.value.where.endswith("properties.address.properties.zip")


def test_the_name_of_a_rule_of_a_part_is_taken(contracts: ContractFolder) -> None:
    own = {"name": "tags_items", "logicalType": "string", "logicalTypeOptions": {"maxLength": 2}}
    tags = _item(logicalTypeOptions={"maxLength": 3})
    with pytest.raises(ContractError, match="rules named twice: tags_items_maximum_length"):
        read(contracts, own, tags)


DAYS = {"name": "days", "logicalType": "array", "items": {"logicalType": "date"}}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (
            {
                "slaProperties": [
                    {"property": "latency", "value": 1, "unit": "d", "element": "days"}
                ]
            },
            "the freshness of 'days' cannot be told",
        ),
        ({"watch": {"day": "days", "measures": [{"measure": "rows"}]}}, "gives a row no day"),
        (
            {"watch": {"day": "day", "measures": [{"measure": "newCategories", "column": "days"}]}},
            "'days', an array, is watched for newCategories",
        ),
        ({"orderingColumn": "days"}, "orderingColumn 'days' is not a column with an order"),
    ],
)
def test_a_list_of_days_is_no_day(
    contracts: ContractFolder, changes: dict[str, Any], what: str
) -> None:
    def change(document: Document) -> None:
        schema(document)["properties"].append(DAYS)
        custom(document, "deliveryMode", "upsert")
        for name, value in changes.items():
            if name == "slaProperties":
                document[name] = value
            else:
                custom(document, name, value)

    with pytest.raises(ContractError) as caught:
        contracts.read(change)
    assert what in caught.value.what
