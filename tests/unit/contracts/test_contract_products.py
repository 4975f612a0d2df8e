"""A product is a folder of contracts, and its tables are its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from contract_files import ContractFolder, Document, custom

from assay.contracts import list_products, read_contracts
from assay.errors import ContractError

FILE = "contracts/shop/orders.odcs.yaml"
Change = Callable[[Document], object]


def test_products_are_folders_with_contracts(contracts: ContractFolder) -> None:
    contracts.write(product="b")
    contracts.write(product="a")
    (contracts.folder / "empty").mkdir()
    assert list_products(contracts.folder) == ("a", "b")


def test_a_product_without_contracts_is_refused(contracts: ContractFolder) -> None:
    contracts.write()
    with pytest.raises(ContractError, match="the product 'toys' has no contract") as caught:
        read_contracts(contracts.folder, "toys")
    assert "known: shop" in caught.value.todo


def _gold(document: Document) -> None:
    custom(document, "deliveryMode", None)
    custom(document, "layer", "gold")


def _till(document: Document) -> None:
    custom(document, "sourceSystem", "till")


@pytest.mark.parametrize(
    ("change", "table"),
    [(_gold, "gold.orders"), (_till, "bronze.bronze_till__orders")],
    ids=["gold", "bronze"],
)
def test_table_names_are_unique_in_a_project(
    contracts: ContractFolder, change: Change, table: str
) -> None:
    contracts.write(change)
    contracts.write(change, product="toys")
    with pytest.raises(ContractError) as caught:
        read_contracts(contracts.folder, "shop")
    assert caught.value.what == f"the table {table} is also one of the product 'toys'"
    assert caught.value.where == f"{FILE} and contracts/toys/orders.odcs.yaml"


def test_entities_of_two_products_may_share_a_name(contracts: ContractFolder) -> None:
    contracts.write()
    contracts.write(product="toys")
    assert [each.table for each in read_contracts(contracts.folder, "shop")] == ["orders"]


def test_another_products_broken_contract_is_its_own_concern(contracts: ContractFolder) -> None:
    contracts.write()
    contracts.write_text("- broken", product="toys")
    assert [each.table for each in read_contracts(contracts.folder, "shop")] == ["orders"]
