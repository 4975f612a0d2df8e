"""What is said of a name that nothing has."""

from __future__ import annotations

import pytest

from assay.domain import did_you_mean

TABLES = ("gold.fct_orders", "gold.dim_customers", "silver.shop__orders", "silver.shop__stock")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("gold.fct_order", "did you mean gold.fct_orders?", id="a letter less"),
        pytest.param("fct_orders", "did you mean gold.fct_orders?", id="no layer"),
        pytest.param("GOLD.FCT_ORDERS", "did you mean gold.fct_orders?", id="upper case"),
        pytest.param("silver.dim_customers", "did you mean gold.dim_customers?", id="wrong layer"),
        pytest.param("gold.dim_custom", "did you mean gold.dim_customers?", id="cut short"),
        pytest.param(
            "silver.xyz",
            "known: silver.shop__orders, silver.shop__stock, gold.dim_customers, gold.fct_orders",
            id="nothing near: all, of the layer first",
        ),
    ],
)
def test_the_nearest_names_are_asked_for(name: str, told: str) -> None:
    assert did_you_mean(name, TABLES) == told


def test_a_long_list_of_known_names_is_cut() -> None:
    assert did_you_mean("x", [f"table_{n}" for n in range(10, 25)]) == (
        "known: table_10, table_11, table_12, table_13, table_14, table_15, table_16, table_17,"
        " table_18, table_19 and 5 more"
    )


def test_of_no_names_there_is_none_near() -> None:
    assert did_you_mean("x", []) == "none is known yet"
    assert did_you_mean("x", [], "make one") == "make one"


def test_equally_near_names_are_all_asked_for_the_layers_own_first() -> None:
    known = ["bronze.orders", "gold.orders", "silver.orders_old", "silver.stock"]
    assert did_you_mean("gold.order", known) == "did you mean gold.orders or bronze.orders?"
