"""An error in a contract names the line on which the wrong entry stands."""

from __future__ import annotations

import pickle

import pytest
from contract_files import ContractFolder

from assay.contracts import read_contract
from assay.errors import ContractError

FILE = "contracts/shop/orders.odcs.yaml"
SOUND = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.orders
version: 1.2.0
status: active
schema:
  - name: orders
    logicalType: object
    customProperties:
      - {property: deliveryMode, value: append}
    properties:
      - name: id
        logicalType: integer
        primaryKey: true
      - name: status
        logicalType: string
"""
# What is changed in the sound contract: a line of it, and the lines that take its place. The
# wrong one ends in the mark.
MARK = "  # wrong"
CASES = {
    "a version that is a number": ("version: 1.2.0", "version: 1.2  # wrong"),
    "an unknown key": ("status: active", "status: active\nflavour: mint  # wrong"),
    "an unknown key of a column": (
        "        primaryKey: true",
        "        primaryKey: true\n        requird: true  # wrong",
    ),
    "no logicalType": (
        "      - name: status\n        logicalType: string",
        "      - name: status  # wrong\n        required: true",
    ),
    "an unknown logicalType": ("logicalType: string", "logicalType: text  # wrong"),
    "a logicalType that cannot be landed": ("logicalType: string", "logicalType: time  # wrong"),
    "a physicalType of another kind": (
        "logicalType: string",
        "logicalType: string\n        physicalType: date  # wrong",
    ),
    "a name that is none": ("- name: status", "- name: Status  # wrong"),
    "a column named twice": ("- name: status", "- name: id  # wrong"),
    "an unknown layer": (
        "      - {property: deliveryMode, value: append}",
        "      - property: layer\n        value: tin  # wrong",
    ),
    "an unknown custom property": (
        "{property: deliveryMode, value: append}",
        "{property: deliveryMode, value: append}\n      - {property: colour, value: red}  # wrong",
    ),
    "a custom property given twice": (
        "{property: deliveryMode, value: append}",
        "{property: deliveryMode, value: append}\n"
        "      - {property: deliveryMode, value: upsert}  # wrong",
    ),
    "an ordering that is no column": (
        "{property: deliveryMode, value: append}",
        "{property: deliveryMode, value: upsert}\n"
        "      - property: orderingColumn\n        value: gone  # wrong",
    ),
    "a stray position in the key": (
        "logicalType: string",
        "logicalType: string\n        primaryKeyPosition: 2  # wrong",
    ),
    "a position in the key taken twice": (
        "        primaryKey: true\n      - name: status",
        "        primaryKey: true\n        primaryKeyPosition: 1\n      - name: status\n"
        "        primaryKey: true\n        primaryKeyPosition: 1  # wrong",
    ),
    "an option that the standard does not know": (
        "logicalType: string",
        "logicalType: string\n        logicalTypeOptions:\n          minLength: 1\n"
        "          minimum: 2  # wrong",
    ),
    "an option that cannot be kept": (
        "logicalType: string",
        "logicalType: string\n        logicalTypeOptions:\n          minLength: 1\n"
        "          format: byte  # wrong",
    ),
    "a value that nothing is compared with": (
        "logicalType: string",
        "logicalType: string\n        enum:\n          - value: a\n          - value: []  # wrong",
    ),
    "a relationship": (
        "logicalType: string",
        "logicalType: string\n        relationships:\n          - to: states.code\n"
        "            customProperties: [{property: severity, value: dire}]  # wrong",
    ),
    "a second schema": (
        "        logicalType: string",
        "        logicalType: string\n  - name: b  # wrong",
    ),
    "a schema of another name": ("  - name: orders", "  - name: sales  # wrong"),
    "a server of an unknown kind": (
        "status: active",
        "status: active\nservers:\n  - server: a\n    path: a\n    type: local\n    format: csv\n"
        "  - server: b\n    location: c\n    format: csv\n    type: s3  # wrong",
    ),
    "a database whose rows would be doubled": (
        "        primaryKey: true\n      - name: status\n        logicalType: string",
        "servers:\n  - {server: a, path: a, type: local, format: csv}\n"
        "  - server: b  # wrong\n    type: postgres\n    host: h\n    port: 5432\n    database: d\n"
        "    schema: s\n    customProperties: [{property: table, value: orders}]",
    ),
    "a service level without a unit": (
        "status: active",
        "status: active\nslaProperties:\n  - property: retention\n    value: 3\n"
        "  - property: latency  # wrong\n    value: 3",
    ),
    "an end of support that is no day": (
        "status: active",
        "status: active\nslaProperties:\n  - property: endOfSupport\n    value: soon  # wrong",
    ),
    "a partition": (
        "logicalType: string",
        "logicalType: string\n        partitioned: true  # wrong",
    ),
    "a table of another name": (
        "logicalType: object",
        "logicalType: object\n    physicalName: orders_v1  # wrong",
    ),
    "a custom property of the contract": (
        "status: active",
        "status: active\ncustomProperties:\n  - {property: migrationNotes, value: {2.0.0: Read.}}\n"
        "  - {property: colour, value: red}  # wrong",
    ),
    "a default element": ("status: active", "status: active\nslaDefaultElement: id  # wrong"),
    "a service level with a schedule": (
        "status: active",
        "status: active\nslaProperties:\n  - property: retention\n    value: 3\n    unit: d\n"
        "    schedule: 0 20 * * *  # wrong",
    ),
    "another encoding": (
        "status: active",
        "status: active\nservers:\n  - server: a\n    path: a\n    type: local\n    format: csv\n"
        "    encoding: UTF-16  # wrong",
    ),
    "a watched column that is none": (
        "{property: deliveryMode, value: append}",
        "{property: deliveryMode, value: append}\n      - property: watch\n        value:\n"
        "          day: gone  # wrong\n          measures: [{measure: rows}]",
    ),
}
QUALITY = {
    "an unknown metric": "- metric: smells  # wrong\n  mustBe: 0",
    "two operators": "- metric: rowCount  # wrong\n  mustBe: 0\n  mustBeLessThan: 3",
    "an operator's value that is a text": "- metric: rowCount\n  mustBeLessThan: '5'  # wrong",
    "a range of one number": "- metric: rowCount\n  mustBeBetween: [5]  # wrong",
    "no operator": "- type: sql  # wrong\n  query: select 1 from ${object}",
    "an unknown key of a rule": "- metric: rowCount\n  mustBe: 0\n  mostly: 1  # wrong",
    "an unknown severity": "- metric: rowCount\n  mustBe: 0\n  severity: dire  # wrong",
    "a figure that is none": "- type: sql\n  query: select 1 from ${object}\n  mustBe: a  # wrong",
    "an sql rule that reads no table": "- type: sql\n  mustBe: 0\n  query: select 1  # wrong",
    "an argument that is unknown": "- metric: rowCount\n  mustBe: 1\n  arguments:\n"
    "    sample: 5  # wrong",
    "the second of two rules": "- {metric: rowCount, mustBe: 1}\n- {engine: soda, type: custom, "
    "implementation: a}  # wrong",
    "a name taken by another rule": "- {type: custom, engine: assay, name: id_type, "
    "implementation: id > 1}  # wrong",
}
CASES |= {
    name: (
        "logicalType: string",
        "logicalType: string\n    quality:\n"
        + "\n".join(f"      {line}" for line in rule.split("\n")),
    )
    for name, rule in QUALITY.items()
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_names_the_line_of_the_wrong_entry(contracts: ContractFolder, name: str) -> None:
    old, new = CASES[name]
    assert SOUND.count(old) == 1
    text = SOUND.replace(old, new)
    (line,) = [n for n, each in enumerate(text.splitlines(), 1) if each.endswith(MARK)]
    with pytest.raises(ContractError) as caught:
        read_contract(contracts.write_text(text))
    assert caught.value.where.split(" at ")[0] == f"{FILE}:{line}", caught.value


@pytest.mark.parametrize("text", ["tags: [!!binary aGk=]\n", "tags: &all [a, *all]\n"])
def test_what_no_json_can_say_is_refused(contracts: ContractFolder, text: str) -> None:
    with pytest.raises(ContractError, match="what no JSON can say") as caught:
        read_contract(contracts.write_text(SOUND + text))
    assert caught.value.where == f"{FILE}:1"


def test_the_sound_contract_is_read(contracts: ContractFolder) -> None:
    assert read_contract(contracts.write_text(SOUND)).key == ("id",)


def test_an_error_names_the_way_to_the_entry_and_says_so_in_another_process(
    contracts: ContractFolder,
) -> None:
    text = SOUND.replace("logicalType: string", "logicalType: string\n        enum: [{value: []}]")
    with pytest.raises(ContractError) as caught:
        read_contract(contracts.write_text(text))
    where = f"{FILE}:17 at schema.orders.properties.status.enum.0.value"
    assert (caught.value.where, pickle.loads(pickle.dumps(caught.value)).where) == (where, where)


RULED = """\
        logicalTypeOptions: {format: uuid, maxLength: 36}
        enum: [{value: a}]
        quality:
          - {metric: invalidValues, mustBe: 0, arguments: {pattern: a}}
      - name: address
        logicalType: object
        logicalTypeOptions: {required: [zip], minProperties: 1}
        properties:
          - {name: zip, logicalType: string}
          - {name: town, logicalType: string, required: true}
"""


def test_a_rule_knows_the_entry_that_says_it(contracts: ContractFolder) -> None:
    contract = read_contract(contracts.write_text(SOUND + RULED))
    places = {rule.name: rule.written_at.split("schema.orders.")[1] for rule in contract.row_rules}
    assert places == {
        "status_format": "properties.status.logicalTypeOptions.format",
        "status_maximum_length": "properties.status.logicalTypeOptions.maxLength",
        "status_enum": "properties.status.enum",
        "status_valid": "properties.status.quality.0.arguments.pattern",
        "address_zip_required": "properties.address.logicalTypeOptions.required",
        "address_town_required": "properties.address.properties.town.required",
        "address_minimum_properties": "properties.address.logicalTypeOptions.minProperties",
    }
