"""Rows that people settled stay so: through rebuilds, rollbacks, later rows and changed rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from quarantine_hands import (
    ME,
    WAITING,
    contract,
    deliver_orders,
    places,
    repair,
    replay,
    states,
)
from small_product import PRODUCT, SmallProduct, make_small_product

from assay.domain import Layer, RowState
from assay.errors import QuarantineError, RunSuperseded
from assay.pipeline import audit_layer, build_layer, start_run
from assay.pipeline.load_holds import resume_loads
from assay.pipeline.quarantine.reopen import reopen_rows
from assay.pipeline.quarantine.rows import RowFilter
from assay.pipeline.quarantine.words import discard_rows
from assay.pipeline.rollback import roll_back


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    return make_small_product(product_folder, monkeypatch, ("orders", "prices", "places"))


def test_a_rebuild_brings_back_no_settled_row(shop: SmallProduct) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"price": "2.00"} if row["order"] == "2" else {})
    replay(shop, "orders")
    first = shop.loads("orders")[0].load_id
    assert discard_rows(shop.project, contract(shop, "orders"), RowFilter(first, (3,)), ME) == 1
    shop.release()
    before = (shop.rows("silver.shop__orders"), shop.quarantined("orders"), states(shop, "orders"))
    rebuilt = shop.run(is_full_refresh=True).release
    assert rebuilt is not None
    assert before == (
        shop.rows("silver.shop__orders"),
        shop.quarantined("orders"),
        states(shop, "orders"),
    )
    assert places(shop, rebuilt.run_id)["1.csv"] == (4, 1, 1, 1, 1)


def test_a_settled_row_stays_settled_when_its_rule_is_gone(shop: SmallProduct) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"price": "2.00"} if row["order"] == "2" else {})
    replay(shop, "orders")
    text = shop.contract_path("orders").read_text()
    shop.contract_path("orders").write_text(text.replace("minimum: 0", "minimum: -100"))
    shop.compile()
    release = shop.release()
    assert shop.rows("silver.shop__orders", '"order", price::varchar') == [
        (1, "1.50"),
        (2, "2.00"),
        (4, "-4.00"),
    ]
    assert states(shop, "orders") == {("1.csv", 2): "replayed", ("1.csv", 3): "open"}
    assert places(shop, release.run_id)["1.csv"] == (4, 2, 1, 1, 0)


def test_a_rollback_leaves_the_ledger_alone(shop: SmallProduct) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"price": "2.00"})
    replay(shop, "orders")
    shop.release()
    said = shop.project.quarantine.entries(PRODUCT, "orders")
    roll_back(shop.project, PRODUCT, to=1, reason="a test", actor="a test")
    assert shop.rows("silver.shop__orders", '"order"') == [(1,)]
    assert set(states(shop, "orders").values()) == {"replayed"}
    assert replay(shop, "orders", WAITING).rows == 0
    assert shop.project.quarantine.entries(PRODUCT, "orders") == said
    resume_loads(shop.project, PRODUCT, (), actor="a test")
    release = shop.release()
    assert shop.rows("silver.shop__orders", '"order"') == [(1,), (2,), (3,), (4,)]
    # The rollback's own release has no balances: those of the release that it restored count.
    assert places(shop, release.run_id)["1.csv"] == (4, 1, 0, 3, 0)


def test_rolling_back_to_where_a_settled_row_was_accepted_counts_it_once(
    shop: SmallProduct,
) -> None:
    """A rule came, a row broke it and was replayed; then the rule went, and the release with it."""
    loose = shop.contract_path("orders").read_text().replace("minimum: 0", "minimum: -100")
    tight = shop.contract_path("orders").read_text()
    shop.contract_path("orders").write_text(loose)
    shop.compile()
    deliver_orders(shop)
    shop.contract_path("orders").write_text(tight)
    shop.compile()
    shop.release()
    repair(shop, "orders", lambda row: {"price": "2.00"} if row["order"] == "2" else {})
    replay(shop, "orders")
    shop.release()
    shop.contract_path("orders").write_text(loose)
    shop.compile()
    roll_back(shop.project, PRODUCT, to=1, reason="a test", actor="a test")
    assert shop.rows("silver.shop__orders", '"order"') == [(1,), (2,), (4,)]
    resume_loads(shop.project, PRODUCT, (), actor="a test")
    release = shop.release()
    assert shop.rows("silver.shop__orders", '"order", price::varchar') == [
        (1, "1.50"),
        (2, "2.00"),
        (4, "-4.00"),
    ]
    assert places(shop, release.run_id)["1.csv"] == (4, 2, 1, 1, 0)


def test_an_old_row_mended_does_not_overwrite_what_came_after_it(shop: SmallProduct) -> None:
    shop.deliver("prices", "1.csv", "sku,price\npen,x\nink,x\n")
    shop.release()
    shop.deliver("prices", "2.csv", "sku,price\npen,3\n", minute=1)
    shop.release()
    repair(shop, "prices", lambda row: {"price": "2"})
    replay(shop, "prices")
    release = shop.release()
    assert shop.rows("silver.shop__prices") == [("ink", 2.0), ("pen", 3.0)]
    superseded = {b.superseded for b in shop.project.records.balances_of(release.run_id)}
    assert superseded == {0, 1}
    assert shop.run(is_full_refresh=True).release is not None
    assert shop.rows("silver.shop__prices") == [("ink", 2.0), ("pen", 3.0)]


def test_a_rebuild_under_way_does_not_publish_a_row_that_was_replayed_meanwhile(
    shop: SmallProduct,
) -> None:
    deliver_orders(shop)
    text = shop.contract_path("orders").read_text()
    shop.contract_path("orders").write_text(text.replace("minimum: 0", "minimum: -100"))
    shop.compile()
    run = start_run(shop.project, PRODUCT, "shell-under-way").run
    assert run is not None and run.rebuild
    build_layer(shop.project, run.run_id, Layer.BRONZE)
    build_layer(shop.project, run.run_id, Layer.SILVER)
    open_rows = RowFilter(states=(RowState.OPEN,))
    assert replay(shop, "orders", open_rows).rows == 3
    with pytest.raises(RunSuperseded):
        audit_layer(shop.project, run.run_id, Layer.SILVER)
    shop.release()
    assert shop.rows("silver.shop__orders", '"order", price::varchar') == [
        (1, "1.50"),
        (2, "-1.00"),
        (4, "-4.00"),
    ]


def test_a_replay_that_cannot_be_released_is_taken_back_row_by_row(shop: SmallProduct) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"price": "2.00"} if row["order"] != "4" else {})
    sent = replay(shop, "orders")
    again = Path(sent.landed[0].source_name).name
    of_orders = contract(shop, "orders")
    first = shop.loads("orders")[0].load_id
    under_way = start_run(shop.project, PRODUCT, "shell-under-way").run
    assert under_way is not None
    assert reopen_rows(shop.project, of_orders, RowFilter(first, (3,)), ME) == 1
    with pytest.raises(RunSuperseded):
        build_layer(shop.project, under_way.run_id, Layer.BRONZE)
    release = shop.release()
    assert shop.rows("silver.shop__orders", '"order"') == [(1,), (2,)]
    assert states(shop, "orders") == {
        ("1.csv", 2): "replayed",
        ("1.csv", 3): "open",
        ("1.csv", 4): "open",
        (again, 2): "discarded",
    }
    assert places(shop, release.run_id) == {"1.csv": (4, 1, 2, 1, 0), again: (2, 1, 0, 0, 1)}
    for load_id, row_number, told in (
        (first, 2, "is row 1 of load .*, which is released"),
        (first, 4, "is open"),
        (sent.landed[0].load_id, 2, "was taken back from its replay"),
        (first, 1, "is not in quarantine"),
    ):
        with pytest.raises(QuarantineError, match=told):
            reopen_rows(shop.project, of_orders, RowFilter(load_id, (row_number,)), ME)
    repair(shop, "orders", lambda row: {"price": "3.00"} if row["order"] == "3" else {})
    replay(shop, "orders")
    release = shop.release()
    assert shop.rows("silver.shop__orders", '"order"') == [(1,), (2,), (3,)]
    assert places(shop, release.run_id)["1.csv"] == (4, 1, 1, 2, 0)
