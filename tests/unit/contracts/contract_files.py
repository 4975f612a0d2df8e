"""Contract files for tests: a sound one, and one call to change it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from assay.contracts import read_contract
from assay.domain import Contract, RowRule, TableRule

Document = dict[str, Any]

ORDERS: Document = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "shop.orders",
    "name": "orders",
    "version": "1.2.0",
    "status": "active",
    "tags": ["retail"],
    "team": {"name": "shopkeepers"},
    "schema": [
        {
            "name": "orders",
            "logicalType": "object",
            "description": "Orders of the shop.",
            "dataGranularityDescription": "One row an order.",
            "customProperties": [{"property": "deliveryMode", "value": "append"}],
            "properties": [
                {"name": "id", "logicalType": "integer", "primaryKey": True},
                {"name": "status", "logicalType": "string"},
                {"name": "price", "logicalType": "number", "physicalType": "decimal(10, 2)"},
                {"name": "day", "logicalType": "date"},
                {"name": "at", "logicalType": "timestamp"},
            ],
        }
    ],
}


def schema(document: Document) -> Document:
    entity: Document = document["schema"][0]
    return entity


def column(document: Document, name: str) -> Document:
    found: Document = next(each for each in schema(document)["properties"] if each["name"] == name)
    return found


def says(of: str, /, **values: object) -> Callable[[Document], object]:
    """Change a column by its name."""
    return lambda document: column(document, of).update(values)


def custom(document: Document, name: str, value: object) -> None:
    """Set a custom property of the schema; None takes it away."""
    kept = [each for each in schema(document)["customProperties"] if each["property"] != name]
    added = [] if value is None else [{"property": name, "value": value}]
    schema(document)["customProperties"] = kept + added


class ContractFolder:
    """A folder of contracts; a change is a function of the sound document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, table: str = "orders", product: str = "shop") -> Path:
        return self.folder / product / f"{table}.odcs.yaml"

    def write(
        self,
        change: Callable[[Document], object] = lambda _: None,
        *,
        table: str = "orders",
        product: str = "shop",
    ) -> Path:
        document = copy.deepcopy(ORDERS)
        schema(document)["name"] = table
        change(document)
        return self.write_text(yaml.safe_dump(document, sort_keys=False), table, product)

    def write_text(self, text: str | bytes, table: str = "orders", product: str = "shop") -> Path:
        path = self.path(table, product)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, change: Callable[[Document], object] = lambda _: None) -> Contract:
        return read_contract(self.write(change))

    def rule(self, quality: Document, of: str = "") -> RowRule | TableRule:
        """Compile one quality rule, of a column where one is named."""

        def add(document: Document) -> None:
            owner = column(document, of) if of else schema(document)
            owner["quality"] = [quality]

        contract = self.read(add)
        (rule,) = [*contract.row_rules, *contract.table_rules]
        return rule

    def options(self, name: str, changes: Document) -> tuple[RowRule, ...]:
        """Compile the options of one column."""
        return self.read(lambda document: column(document, name).update(changes)).row_rules
