"""A foreign key is the same one wherever and in whichever notation it is stated."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from contract_diffs import (
    FILE,
    TODAY,
    Edit,
    diff,
    key_of_the_table,
    leads,
    renamed_in_lake,
)
from contract_files import ORDERS, Document, column, schema

from assay.contracts.changes import ContractSource, compare_contracts, read_source


def test_a_relationship_that_stops_nothing_may_change_its_severity() -> None:
    found = diff(leads("warning"), leads("info"))
    assert [(each.what, each.breaks, each.step.name) for each in found.changes] == [
        (
            "the relationship of 'status' to states.code: its severity is info, before it was"
            " warning",
            (),
            "MINOR",
        )
    ]


def test_a_relationship_of_the_table_follows_a_renamed_column() -> None:
    def change(document: Document) -> None:
        renamed_in_lake(document)
        key_of_the_table("amount")(document)

    found = diff(key_of_the_table("price"), change)
    assert [(each.what, " ".join(each.breaks)) for each in found.changes] == [
        ("column 'price' is renamed to 'amount'", "consumers")
    ]


def test_a_relationship_may_be_stated_at_its_column_or_at_the_table() -> None:
    def change(document: Document) -> None:
        column(document, "price")["relationships"] = [{"to": "amounts.amount"}]

    assert diff(key_of_the_table("price"), change).changes == ()


def test_a_relationship_of_a_column_that_is_gone_is_part_of_that_change() -> None:
    def change(document: Document) -> None:
        schema(document)["properties"].pop(2)

    found = diff(key_of_the_table("price"), change)
    assert [each.what for each in found.changes] == ["column 'price' is removed"]


def _stated(of: list[str], to: list[str]) -> Edit:
    def change(document: Document) -> None:
        found = {"from": [f"orders.{each}" for each in of], "to": to}
        schema(document)["relationships"] = [found]

    return change


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            _stated(["price"], ["amounts.amount"]),
            _stated(["price"], ["schema/amounts/properties/amount"]),
        ),
        (
            _stated(["price"], ["schema/amounts/properties/amount"]),
            _stated(["price"], ["../shop/amounts.odcs.yaml#/schema/amounts/properties/amount"]),
        ),
        (
            _stated(["price", "day"], ["amounts.amount", "amounts.day"]),
            _stated(["day", "price"], ["amounts.day", "amounts.amount"]),
        ),
    ],
    ids=["by ids", "with its file", "another order"],
)
def test_a_relationship_may_be_written_otherwise(before: Edit, after: Edit) -> None:
    assert diff(before, after).changes == ()


def test_another_pair_of_columns_is_another_relationship() -> None:
    before = _stated(["price", "day"], ["amounts.amount", "amounts.day"])
    after = _stated(["price", "day"], ["amounts.day", "amounts.amount"])
    assert [each.what for each in diff(before, after).changes] == [
        "the relationship of 'price, day' to amounts.amount, amounts.day is removed",
        "the relationship of 'price, day' to amounts.day, amounts.amount is added",
    ]


@pytest.mark.parametrize("to", ["orders.{}", "schema/orders/properties/{}"])
def test_a_relationship_within_the_table_follows_a_renamed_column(to: str) -> None:
    def change(document: Document) -> None:
        renamed_in_lake(document)
        _stated(["id"], [to.format("amount")])(document)

    found = diff(_stated(["id"], ["orders.price"]), change)
    assert [each.what for each in found.changes] == [
        "column 'price' is renamed to 'amount'",
    ]


def _source(file: Path, edit: Edit) -> ContractSource:
    document = copy.deepcopy(ORDERS)
    edit(document)
    return read_source(file, yaml.safe_dump(document, sort_keys=False).encode())


def _states(document: Document) -> None:
    columns = [{"name": "code", "id": "code_pk", "logicalType": "string"}]
    schema(document).update(name="states", id="states_tbl", properties=columns)


@pytest.mark.parametrize(
    ("to", "changes"),
    [
        ("schema/states_tbl/properties/code_pk", 0),
        ("../shop/states.odcs.yaml#/schema/states_tbl/properties/code_pk", 0),
        ("../other/states.odcs.yaml#/schema/states_tbl/properties/code_pk", 2),
        ("schema/states_tbl/properties/code_fk", 2),
    ],
)
def test_a_relationship_may_come_to_lead_by_ids(to: str, changes: int) -> None:
    states = _source(Path("contracts/shop/states.odcs.yaml"), _states)
    before, after = (
        [_source(FILE, _stated(["status"], [each])), states] for each in ("states.code", to)
    )
    (found,) = compare_contracts(before, after, TODAY)
    assert len(found.changes) == changes
