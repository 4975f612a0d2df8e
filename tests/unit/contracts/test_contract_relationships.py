"""Foreign keys are found among all contracts and compiled, or refused with the place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from contract_files import ContractFolder, Document, column, custom, schema

from assay.contracts import compile_contracts, read_contracts
from assay.domain import Contract, Relationship, Severity, TableRef
from assay.errors import ContractError

Edit = Callable[[Document], object]


def states(document: Document) -> None:
    """The table that orders lead to: its key is a code, and its elements have ids."""
    schema(document)["id"] = "states_tbl"
    schema(document)["properties"] = [
        {"name": "code", "id": "code_pk", "logicalType": "string", "primaryKey": True},
        {"name": "number", "logicalType": "integer", "physicalType": "smallint"},
        {"name": "since", "logicalType": "date"},
        {"name": "secret", "logicalType": "string", "classification": "restricted"},
    ]


def gold(document: Document) -> None:
    custom(document, "deliveryMode", None)
    custom(document, "layer", "gold")


def read(contracts: ContractFolder, orders: Edit, other: Edit = states) -> Contract:
    """Read orders, with `states` of the same product and one of the product `world` beside it."""
    contracts.write(other, table="states")
    contracts.write(states, table="lands", product="world")
    contracts.write(orders)
    found = {each.table: each for each in read_contracts(contracts.folder, "shop")}
    return found["orders"]


def leads(of: str, to: str, **properties: object) -> Edit:
    """Let a column lead somewhere."""
    said = [{"property": name, "value": value} for name, value in properties.items()]
    entry: dict[str, Any] = {"to": to} | ({"customProperties": said} if said else {})
    return lambda document: column(document, of).update(relationships=[entry])


def compound(start: list[str] | str, to: list[str] | str, **more: object) -> Edit:
    entry = {"type": "foreignKey", "from": start, "to": to, **more}
    return lambda document: schema(document).update(relationships=[entry])


@pytest.mark.parametrize(
    "to",
    [
        "states.code",
        "schema/states_tbl/properties/code_pk",
        "/schema/states_tbl/properties/code_pk",
        "states.odcs.yaml#/schema/states_tbl/properties/code_pk",
        "../shop/states.odcs.yaml#schema/states_tbl/properties/code_pk",
    ],
)
def test_a_column_leads_to_a_table_in_every_notation(contracts: ContractFolder, to: str) -> None:
    assert read(contracts, leads("status", to)).relationships == (
        Relationship(
            name="status_in_states_tbl" if "states_tbl" in to else "status_in_states",
            columns=("status",),
            product="shop",
            table=TableRef.parse("silver.shop__states"),
            other_columns=("code",),
            severity=Severity.CRITICAL,
            description="",
        ),
    )


def test_a_name_stands_for_an_id_that_is_not_given(contracts: ContractFolder) -> None:
    contract = read(contracts, leads("id", "schema/states_tbl/properties/number"))
    assert contract.relationships[0].other_columns == ("number",)


def test_several_columns_lead_together(contracts: ContractFolder) -> None:
    change = compound(
        ["orders.status", "schema/orders/properties/day"],
        ["states.code", "states.since"],
        id="known-state",
        customProperties=[
            {"property": "severity", "value": "warning"},
            {"property": "description", "value": "the state was known that day"},
        ],
    )
    (found,) = read(contracts, change).relationships
    assert (found.name, found.columns, found.other_columns, found.severity, found.description) == (
        "known-state",
        ("status", "day"),
        ("code", "since"),
        Severity.WARNING,
        "the state was known that day",
    )


def test_a_table_may_lead_to_itself_and_to_another_product(contracts: ContractFolder) -> None:
    (itself,) = read(contracts, leads("id", "orders.id")).relationships
    assert (itself.product, str(itself.table)) == ("shop", "silver.shop__orders")
    to = "../world/lands.odcs.yaml#/schema/states_tbl/properties/code_pk"
    (abroad,) = read(contracts, leads("status", to)).relationships
    assert (abroad.product, str(abroad.table)) == ("world", "silver.world__lands")


@pytest.mark.parametrize("is_own", [True, False])
def test_of_a_protected_column_no_value_may_be_shown(
    contracts: ContractFolder, is_own: bool
) -> None:
    def change(document: Document) -> None:
        leads("status", "states.code" if is_own else "states.secret")(document)
        if is_own:
            said = [{"property": "personalData", "value": True}]
            column(document, "status")["customProperties"] = said

    (found,) = read(contracts, change).relationships
    assert found.is_protected


@pytest.mark.parametrize(
    ("change", "what", "where"),
    [
        (leads("status", "stares.code"), "'stares.code' leads to no table named", ".status."),
        (leads("status", "states.kode"), "'states.kode' leads to no column of states", ".status."),
        (leads("status", "states.code.part"), "names a part of a column", ".status."),
        (leads("status", "schema/states_tbl/fields/code_pk"), "names no column", ".status."),
        (leads("status", "schema/nothing/properties/x"), "no table with the id 'nothing'", ""),
        (leads("status", "states.since"), "'status' is varchar, but 'since' of states is date", ""),
        (leads("id", "gone.odcs.yaml#/schema/a/properties/b"), "no contract of this project", ""),
        (
            leads("id", "https://x.org/shop/states.odcs.yaml#/schema/a/properties/b"),
            "no contract of this project",
            "",
        ),
        (
            leads("id", "../../../etc/passwd.yaml#/schema/a/properties/b"),
            "no contract of this project",
            "",
        ),
        (leads("status", "states.code", severity="urgent"), "severity is 'urgent'", ".status."),
        (
            leads("status", "states.code", description=["a"]),
            "description is ['a']: expected a text",
            "customProperties.description.value",
        ),
        (leads("status", "states.code", mostly=0.9), "unknown custom property", ".status."),
        (
            compound("orders.status", "states.code", id="known state"),
            "the id 'known state' cannot name a check",
            "relationships.0.id",
        ),
        (compound("orders.gone", "states.code"), "starts at 'orders.gone'", "orders.relat"),
        (compound("states.code", "states.code"), "starts at 'states.code'", "orders.relat"),
        (
            compound(["orders.status"], ["states.code", "states.since"]),
            "leads from 1 column(s) to 2",
            "orders.relationships",
        ),
        (
            compound(["orders.status", "orders.id"], ["states.code", "orders.id"]),
            "leads to columns of several tables",
            "orders.relationships",
        ),
    ],
)
def test_what_leads_nowhere_is_refused(
    contracts: ContractFolder, change: Edit, what: str, where: str
) -> None:
    with pytest.raises(ContractError) as caught:
        read(contracts, change)
    assert what in caught.value.what
    assert caught.value.where.startswith("contracts/shop/orders.odcs.yaml")
    assert where in caught.value.where


def test_a_landed_table_cannot_lead_to_a_gold_one(contracts: ContractFolder) -> None:
    def other(document: Document) -> None:
        states(document)
        gold(document)

    with pytest.raises(ContractError, match="not built yet when this one is audited"):
        read(contracts, leads("status", "states.code"), other)


def test_a_key_is_stated_once(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        leads("status", "states.code", severity="warning")(document)
        compound("orders.status", "states.code", id="known_state")(document)

    with pytest.raises(ContractError) as caught:
        read(contracts, change)
    assert caught.value.what == "the relationship of status to states.code is stated twice"
    assert ".status.relationships.0" in caught.value.where


def test_a_name_is_taken_once(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        twice = [{"to": "states.code"}, {"to": "states.secret"}]
        column(document, "status")["relationships"] = twice

    with pytest.raises(ContractError, match="a check named twice: status_in_states"):
        read(contracts, change)


def test_suite_and_dbt_tests_follow(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        leads("status", "states.code", severity="info")(document)
        compound(["orders.status", "orders.day"], ["states.code", "states.since"])(document)

    contract = read(contracts, change)
    files = compile_contracts([contract])
    suite = json.loads(files["expectations/shop/shop__orders.json"])
    both, one = suite["expectations"][-2:]
    assert both == {
        "type": "unexpected_rows_expectation",
        "kwargs": {
            "unexpected_rows_query": "select * from (select * from {batch}) as here"
            ' anti join silver."shop__states" as there on there."code" = here."status"'
            ' and there."since" = here."day"'
            ' where here."status" is not null and here."day" is not null'
        },
        "severity": "critical",
        "description": "status, day stands in silver.shop__states, in code, since",
        "meta": {
            "name": "status_day_in_states",
            "reads": ["silver.shop__states"],
            "key": ["status", "day"],
        },
    }
    assert (one["severity"], one["meta"]["key"]) == ("info", ["status"])
    models = yaml.safe_load(files["dbt_project/models/silver/shop/compiled/shop__orders.yml"])
    entry = models["models"][0]
    column_entry = next(each for each in entry["columns"] if each["name"] == "status")
    assert column_entry["data_tests"] == [
        {
            "relationships": {
                "name": "shop__orders_status_in_states",
                "arguments": {"to": "ref('shop__states')", "field": '"code"'},
                "config": {"severity": "warn"},
            }
        }
    ]
    assert entry["data_tests"][1] == {
        "found_together": {
            "name": "shop__orders_status_day_in_states",
            "arguments": {
                "to": "ref('shop__states')",
                "columns": ["status", "day"],
                "fields": ["code", "since"],
            },
            "config": {"severity": "error"},
        }
    }


def test_the_page_says_where_a_foreign_key_leads(contracts: ContractFolder) -> None:
    contract = read(contracts, leads("status", "states.code", severity="warning"))
    page = compile_contracts([contract])["docs/contracts/shop/orders.md"]
    assert (
        "| status_in_states | `status` stands in `silver.shop__states`, in `code` | warning |"
        " the run warns and goes on |"
    ) in page
