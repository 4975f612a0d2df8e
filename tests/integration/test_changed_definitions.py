"""Edited models and contracts: what a run makes of them, and which it refuses."""

from __future__ import annotations

import shutil
from decimal import Decimal

import pytest
from released_shop import BASE, tables
from small_product import PRODUCT, SmallProduct

from assay.errors import (
    BalanceError,
    ContractError,
)
from assay.pipeline import (
    run_product,
)


def test_an_edited_model_is_rebuilt_with_no_delivery(shop: SmallProduct) -> None:
    path = shop.model_path("fct_orders")
    path.write_text("""select "order", (price * 2)::decimal(10, 2) as price
from {{ ref('shop__orders') }}""")
    before = shop.data_versions()
    outcome = shop.run()
    assert outcome.started.run is not None
    assert outcome.started.run.models == ("fct_orders",)
    assert tables(shop) == BASE | {"gold.fct_orders": [(1, Decimal(3)), (2, Decimal(4))]}
    changed = {k for k, v in shop.data_versions().items() if v != before[k]}
    assert changed == {"tables/gold/fct_orders"}


def test_a_product_without_contracts_does_not_start(shop: SmallProduct) -> None:
    shutil.rmtree(shop.root / "contracts" / PRODUCT)
    before = shop.versions()
    with pytest.raises(ContractError, match="the product 'shop' has no contract"):
        shop.run()
    assert {k for k, v in shop.versions().items() if v != before[k]} <= {"_assay/stage_events"}


def test_an_edited_contract_that_is_not_compiled_is_refused(shop: SmallProduct) -> None:
    path = shop.contract_path("orders")
    path.write_text(path.read_text().replace("minimum: 0", "minimum: 2"))
    before = shop.versions()
    with pytest.raises(ContractError) as refused:
        shop.run()
    assert "int_shop__orders_checked.sql" in str(refused.value)
    assert "assay contracts compile shop" in str(refused.value)
    assert {k for k, v in shop.versions().items() if v != before[k]} <= {"_assay/stage_events"}
    shop.compile()
    shop.release()
    assert shop.rows("silver.shop__orders") == [(2, "ink", Decimal(2))]
    assert shop.quarantined("orders") == [("a.csv", 1, ["price_minimum"])]


@pytest.mark.parametrize(
    "change",
    ["where price < 3", "cross join (values (1), (2)) as twice(n)"],
    ids=["loses", "doubles"],
)
def test_a_model_that_loses_or_doubles_rows_is_not_released(
    shop: SmallProduct, change: str
) -> None:
    shop.deliver("orders", "b.csv", "order,item,price\n3,cap,3\n", 1)
    path = shop.model_path("stg_shop__orders")
    text = path.read_text()
    path.write_text(text.replace("from source", f"from source {change}"))
    with pytest.raises(BalanceError) as lost:
        shop.run()
    assert "b.csv" in str(lost.value) or "a.csv" in str(lost.value)
    assert "let it keep each row once" in str(lost.value)
    assert tables(shop) == BASE
    path.write_text(text)
    shop.release()
    assert shop.rows("gold.fct_orders") == [*BASE["gold.fct_orders"], (3, Decimal(3))]


def test_a_model_that_loses_one_row_and_doubles_another_is_not_released(
    shop: SmallProduct,
) -> None:
    shop.deliver("clicks", "b.csv", "at,page,visits\n2024-01-02,a,1\n2024-01-02,b,1\n", 1)
    path = shop.model_path("stg_shop__clicks")
    twice = "from (from source where _row_number = 1 union all from source where _row_number = 1)"
    path.write_text(path.read_text().replace("from source", twice))
    with pytest.raises(BalanceError) as lost:
        shop.run()
    assert "row numbers are missing, and others stand more than once" in str(lost.value)
    assert tables(shop) == BASE


def test_a_selection_is_rebuilt_with_all_that_follows_from_it(shop: SmallProduct) -> None:
    path = shop.model_path("stg_shop__clicks")
    path.write_text(path.read_text().replace('"visits",', '"visits" * 10 as "visits",'))
    outcome = run_product(shop.project, PRODUCT, select="shop__clicks")
    assert outcome.release is not None
    assert shop.rows("gold.agg_clicks") == [("cart", 10), ("home", 30)]
    assert shop.run().release is None
