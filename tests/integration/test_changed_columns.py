"""Deliveries that landed before a contract changed its columns are read as they were delivered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from quarantine_hands import contract, states
from small_product import SmallProduct, make_small_product

from assay.contracts import staging_model, staging_scaffold
from assay.pipeline.quarantine.rows import RowFilter, find_rows

Columns = list[dict[str, Any]]


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    return make_small_product(product_folder, monkeypatch, ("orders",))


def change(shop: SmallProduct, how: Callable[[Columns], object]) -> None:
    """Change the columns of `orders`, and all that follows from them."""
    path = shop.contract_path("orders")
    document = yaml.safe_load(path.read_text())
    how(document["schema"][0]["properties"])
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    changed = contract(shop, "orders")
    shop.model_path(staging_model(changed)).write_text(staging_scaffold(changed))


def rows(shop: SmallProduct, column: str) -> list[tuple[object, ...]]:
    return shop.rows("silver.shop__orders", f'"order", {column}')


def test_a_column_that_is_added_is_null_in_what_landed_before(shop: SmallProduct) -> None:
    shop.deliver("orders", "1.csv", "order,item,price\n1,pen,1.50\n2,ink,-1\n")
    shop.release()
    added = {"name": "note", "logicalType": "string", "description": "A note."}
    change(shop, lambda columns: columns.append(added))
    shop.deliver("orders", "2.csv", "order,item,price,note\n3,cap,2,new\n4,nib,-4,odd\n", 1)
    shop.release()
    assert rows(shop, "note") == [(1, None), (3, "new")]
    found = find_rows(shop.project, contract(shop, "orders"), RowFilter())
    assert [row.values["note"] for row in found] == ["", "odd"]
    assert states(shop, "orders") == {("1.csv", 2): "open", ("2.csv", 2): "open"}


def test_a_column_of_another_header_is_read_from_the_one_that_was_delivered(
    shop: SmallProduct,
) -> None:
    shop.deliver("orders", "1.csv", "order,item,price\n1,pen,1.50\n")
    shop.release()
    change(shop, lambda columns: columns[1].update({"physicalName": "article"}))
    shop.deliver("orders", "2.csv", "order,article,price\n2,ink,2\n", 1)
    shop.release()
    expected = [(1, "pen"), (2, "ink")]
    assert rows(shop, "item") == expected
    assert shop.run(is_full_refresh=True).release is not None
    assert rows(shop, "item") == expected


def test_a_column_of_another_name_is_read_from_its_header(shop: SmallProduct) -> None:
    shop.deliver("orders", "1.csv", "order,item,price\n1,pen,1.50\n2,ink,-1\n")
    shop.release()
    change(shop, lambda columns: columns[1].update({"name": "thing", "physicalName": "item"}))
    shop.deliver("orders", "2.csv", "order,item,price\n3,cap,2\n", 1)
    shop.release()
    assert rows(shop, "thing") == [(1, "pen"), (3, "cap")]
    (row,) = find_rows(shop.project, contract(shop, "orders"), RowFilter())
    assert row.values["thing"] == "ink"
