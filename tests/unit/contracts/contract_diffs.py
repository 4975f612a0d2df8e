"""Two versions of one contract compared, and the edits that lead from one to the other."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml
from contract_files import ORDERS, Document, column, custom, schema

from assay.contracts.changes import ContractDiff, compare_contracts, read_source

Edit = Callable[[Document], object]

FILE = Path("contracts/shop/orders.odcs.yaml")
TODAY = date(2026, 6, 1)
LISTED = {"metric": "invalidValues", "arguments": {"validValues": ["new", "paid"]}, "mustBe": 0}
ROWS = {"metric": "rowCount", "name": "rows", "mustBeBetween": [10, 20]}
NULLS = {"type": "custom", "engine": "greatExpectations"}
NULLS |= {"implementation": {"type": "expect_x", "kwargs": {"column": "day", "mostly": 0.9}}}
OWN = {"type": "custom", "engine": "assay", "name": "own", "implementation": "id > 0"}
SQL = {"type": "sql", "name": "sql", "query": "select count(*) from ${object}", "mustBe": 3}


def base(document: Document) -> None:
    """What the changes below start from."""
    column(document, "id")["logicalTypeOptions"] = {"minimum": 1, "multipleOf": 2}
    column(document, "id")["physicalType"] = "integer"
    column(document, "status")["quality"] = [copy.deepcopy(LISTED)]
    column(document, "status")["logicalTypeOptions"] = {"maxLength": 10, "pattern": "[a-z]+"}
    column(document, "day")["required"] = True
    column(document, "day")["logicalTypeOptions"] = {"minimum": "2020-01-01"}
    column(document, "at")["enum"] = [{"value": "2020-01-01"}]
    column(document, "at")["unique"] = True
    column(document, "status")["relationships"] = [{"to": "states.code"}]
    schema(document)["quality"] = [copy.deepcopy(each) for each in (ROWS, NULLS, OWN, SQL)]
    document["servers"] = [
        {"server": "in", "type": "local", "path": "shop/*.csv", "format": "csv"},
        {"server": "more", "environment": "test", "type": "local", "path": "b", "format": "csv"},
    ]
    document["slaProperties"] = [
        {"property": "latency", "value": 4, "unit": "h", "element": "orders.at"}
    ]
    document["status"] = "deprecated"
    document["slaProperties"] += [
        {"property": "endOfSupport", "value": "2027-01-01"},
        {"property": "volume", "value": 5, "valueExt": 20, "unit": "rows"},
    ]
    measures = [
        {"measure": "nullShare", "column": "at"},
        {"measure": "rows", "severity": "critical", "score": 6},
    ]
    custom(document, "watch", {"day": "day", "measures": measures})


def diff(
    before: Edit | None, after: Edit | None, *, table: str = "silver", today: date = TODAY
) -> ContractDiff:
    """Compare two changes of one contract: None where there is no file."""
    sides = []
    for edit in (before, after):
        document = copy.deepcopy(ORDERS)
        if edit is not None:
            base(document)
            edit(document)
            if table == "gold":
                custom(document, "deliveryMode", None)
                custom(document, "layer", "gold")
            text = yaml.safe_dump(document, sort_keys=False)
            sides.append([read_source(FILE, text.encode())])
        else:
            sides.append([])
    (found,) = compare_contracts(*sides, today)
    return found


def keep(document: Document) -> None:
    return None


def option(name: str, of: str, value: object) -> Edit:
    return lambda document: column(document, of)["logicalTypeOptions"].update({name: value})


def rule(position: int, **values: object) -> Edit:
    return lambda document: schema(document)["quality"][position].update(values)


def drop(of: str, key: str) -> Edit:
    return lambda document: column(document, of).pop(key)


def without_column(document: Document) -> None:
    schema(document)["properties"].pop(1)


def added_column(document: Document) -> None:
    schema(document)["properties"].append({"name": "note", "logicalType": "string"})


def renamed_column(document: Document) -> None:
    column(document, "price")["name"] = "amount"


def renamed_in_lake(document: Document) -> None:
    column(document, "price").update(name="amount", physicalName="price")


def valid_values(values: list[str]) -> Edit:
    return lambda document: column(document, "status")["quality"][0].update(
        arguments={"validValues": values}
    )


def operator(**limit: object) -> Edit:
    def change(document: Document) -> None:
        schema(document)["quality"][0].pop("mustBeBetween")
        schema(document)["quality"][0].update(limit)

    return change


def mostly(share: float) -> Edit:
    def change(document: Document) -> None:
        schema(document)["quality"][1]["implementation"]["kwargs"]["mostly"] = share

    return change


def server(position: int, **values: object) -> Edit:
    return lambda document: document["servers"][position].update(values)


def level(position: int, value: object) -> Edit:
    return lambda document: document["slaProperties"][position].update(value=value)


def promised(position: int, **values: object) -> Edit:
    return lambda document: document["slaProperties"][position].update(values)


def watch(document: Document) -> Document:
    properties = schema(document)["customProperties"]
    found: Document = next(each["value"] for each in properties if each["property"] == "watch")
    return found


def upserts(document: Document) -> None:
    custom(document, "deliveryMode", "upsert")


def other_order(document: Document) -> None:
    schema(document)["properties"].reverse()


def new_key(document: Document) -> None:
    column(document, "id").update(primaryKey=False, required=True)
    column(document, "day")["primaryKey"] = True


def leads(severity: str) -> Edit:
    """Give the relationship of `status` a severity."""

    def change(document: Document) -> None:
        said = [{"property": "severity", "value": severity}]
        column(document, "status")["relationships"][0]["customProperties"] = said

    return change


def key_of_the_table(column_name: str) -> Edit:
    """State a relationship of a column at the schema."""

    def change(document: Document) -> None:
        said = [{"from": f"orders.{column_name}", "to": "amounts.amount"}]
        schema(document)["relationships"] = said

    return change
