"""Deliveries that are bad, doubled, late or missing: a stated outcome, a message, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from released_shop import BASE, FILES, JANUARY, tables
from small_product import PRODUCT, SmallProduct, make_small_product

from assay.cli.main import run as assay
from assay.cli.story import tell
from assay.domain import Stage, StageState
from assay.errors import DeliveriesIncomplete, LoadRefused
from assay.pipeline import check_deliveries, run_product
from assay.pipeline.explain import explain_run


def reasons(shop: SmallProduct, table: str) -> dict[str, str]:
    return {Path(load.source_name).name: load.reason for load in shop.loads(table) if load.reason}


def warnings(shop: SmallProduct, table: str) -> dict[str, tuple[str, ...]]:
    found = [load for load in shop.loads(table) if load.warnings]
    return {Path(load.source_name).name: load.warnings for load in found}


def test_files_that_cannot_be_read_hold_back_their_own_table_only(shop: SmallProduct) -> None:
    shop.deliver("orders", "empty.csv", "", 1)
    shop.deliver("orders", "truncated.csv", "order,item,price\n3,cap,3\n4,p", 2)
    shop.deliver("orders", "latin1.csv", "order,item,price\n5,caf\xe9,3\n".encode("latin-1"), 3)
    shop.deliver("orders", "missing.csv", "order,item\n6,pad\n", 4)
    shop.deliver("orders", "ragged.csv", "order,item,price\n7,pad,1\n8,pad\n", 5)
    shop.deliver("orders", "good.csv", "order,item,price\n9,map,9\n", 6)
    shop.deliver("clicks", "b.csv", "at,page,visits\n2024-01-01T00:00:00Z,home,4\n", 1)

    release = shop.release()
    clicks = {
        "silver.shop__clicks": sorted([*BASE["silver.shop__clicks"], (JANUARY, "home", 4)]),
        "gold.agg_clicks": [("cart", 1), ("home", 7)],
    }
    assert tables(shop) == BASE | clicks
    named = "deliveries/shop/orders/"
    assert reasons(shop, "orders") == {
        "empty.csv": f"{named}empty.csv: is empty (0 bytes): expected a header;"
        " deliver the file again",
        "truncated.csv": f"{named}truncated.csv: has no line break after the last line, as in a"
        " truncated file, in line 3 (byte 28); what to do: deliver the whole file; where its"
        " producer never ends the last line, say `finalLineBreak: optional` in the contract's"
        " customProperties",
        "latin1.csv": f"{named}latin1.csv: has bytes that are not UTF-8, in line 2 (byte 22);"
        " what to do: have the producer write UTF-8, or convert the file, and deliver it again",
        "missing.csv": f"{named}missing.csv: line 1: column 'price' is missing; deliver it, or"
        " change the contract contracts/shop/orders.odcs.yaml in a new major version",
        "ragged.csv": f"{named}ragged.csv: data row 2 (line 3) has 2 fields, too few: the header"
        " has 3; correct it, or deliver the whole file again",
    }
    pending = shop.loads("orders")[1:]
    assert [load.load_id in release.loads for load in pending] == [False] * 6

    before = shop.versions()
    with pytest.raises(LoadRefused) as refused:
        shop.run()
    first = pending[0]
    assert str(refused.value) == (
        f"a delivery was refused: {first.reason}\n"
        f"  where: shop.orders, load {first.load_id}; other refused loads: 4;"
        " later loads that wait behind refused ones: 1\n"
        "  what to do: have it delivered again, correct its contract, or skip it:"
        f" `assay loads skip {first.load_id} --why '…'`"
    )
    assert {k for k, v in shop.versions().items() if v != before[k]} <= {"_assay/stage_events"}

    shop.deliver("orders", "truncated.csv", "order,item,price\n3,cap,3\n4,pad,4\n", 7)
    shop.deliver("orders", "latin1.csv", "order,item,price\n5,café,3\n", 8)
    shop.deliver("orders", "missing.csv", "order,item,price\n6,pad,6\n", 9)
    for load in shop.loads("orders"):
        if load.source_name.endswith(("empty.csv", "ragged.csv")):
            shop.skip(load.load_id)
    shop.release()
    more = [(9, "map", 9), (3, "cap", 3), (4, "pad", 4), (5, "café", 3), (6, "pad", 6)]
    orders = sorted([*BASE["silver.shop__orders"], *((n, i, Decimal(p)) for n, i, p in more)])
    assert shop.rows("silver.shop__orders") == orders


def test_a_published_run_is_incomplete_until_what_it_refused_is_answered(
    shop: SmallProduct,
) -> None:
    shop.deliver("orders", "empty.csv", "", 1)
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    run_id = shop.release().run_id
    (refused,) = [load for load in shop.loads() if load.reason]
    with pytest.raises(DeliveriesIncomplete) as incomplete:
        check_deliveries(shop.project, run_id)
    assert str(incomplete.value) == (
        f"the run was published without what was refused: {refused.reason}\n"
        f"  where: shop.orders, load {refused.load_id};"
        " later loads that wait behind refused ones: 0\n"
        "  what to do: have it delivered again, correct its contract, or skip it:"
        f" `assay loads skip {refused.load_id} --why '…'`"
    )
    last = shop.project.records.events_of(run_id)[-1]
    assert (last.stage, last.state, last.error_code) == (
        Stage.DELIVERIES,
        StageState.FAILED,
        "deliveries_incomplete",
    )
    assert incomplete.value.what in tell(explain_run(shop.project, run_id))
    shop.skip(refused.load_id)
    for _ in range(2):
        check_deliveries(shop.project, run_id)
    events = shop.project.records.events_of(run_id)
    ends = [event.state for event in events if event.stage is Stage.DELIVERIES]
    assert ends == [StageState.FAILED, StageState.SUCCEEDED]
    told = tell(explain_run(shop.project, run_id))
    assert "published without what was refused" not in told


def test_a_run_that_refused_nothing_records_no_look_back(shop: SmallProduct) -> None:
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    run_id = shop.release().run_id
    before = shop.project.records.events_of(run_id)
    check_deliveries(shop.project, run_id)
    assert shop.project.records.events_of(run_id) == before


def test_a_selection_takes_no_loads_and_leaves_none(shop: SmallProduct) -> None:
    shop.deliver("orders", "empty.csv", "", 1)
    with pytest.raises(LoadRefused):
        shop.run()
    outcome = run_product(shop.project, PRODUCT, select="fct_orders")
    assert outcome.release is not None
    check_deliveries(shop.project, outcome.run_id)


def test_a_delivery_of_another_shape_is_blocked_with_its_difference(shop: SmallProduct) -> None:
    lines = "".join(f"{n},pen,{n} EUR\n" for n in range(100, 130))
    shop.deliver("orders", "typed.csv", f"order,item,price\n{lines}", 1)
    shop.deliver("orders", "renamed.csv", "order,item,amount\n3,cap,3\n", 2)
    shop.deliver("orders", "more.csv", "order,item,price,colour\n4,pad,4,red\n", 3)
    with pytest.raises(LoadRefused) as refused:
        shop.run()
    typed, renamed, more = shop.loads("orders")[1:]
    price = "breaking: delivered as texts, expected decimal(10, 2); none of 30 values can be read"
    assert [typed.drift, renamed.drift, more.drift] == [
        {"price": price},
        {
            "price": "breaking: missing, expected decimal(10, 2); 'amount' may be it under"
            " another name",
            "amount": "additive: not in the contract, not read",
        },
        {"colour": "additive: not in the contract, not read"},
    ]
    assert f"a delivery was refused: {typed.reason}\n  - column 'price': {price}" in str(
        refused.value
    )
    listed = CliRunner().invoke(assay, ["loads", "shop"]).output
    assert f"{typed.load_id} was refused: {typed.reason}\n  column 'price': {price}\n" in listed
    explained = CliRunner().invoke(assay, ["explain", "latest"]).output
    assert f"- column 'price': {price}" in explained
    assert tables(shop) == BASE

    shop.skip(typed.load_id)
    shop.skip(renamed.load_id)
    shop.release()
    explained = CliRunner().invoke(assay, ["explain", "latest"]).output
    assert "\n    column 'colour': additive: not in the contract, not read\n" in explained
    assert (4, "pad", Decimal(4)) in shop.rows("silver.shop__orders")


def test_columns_more_or_moved_are_read_by_name_with_a_warning(shop: SmallProduct) -> None:
    shop.deliver("orders", "extra.csv", "order,colour,item,price\n3,red,cap,3\n", 1)
    shop.deliver("orders", "moved.csv", "price,item,order\n4,pad,4\n", 2)
    shop.deliver("orders", "header.csv", "order,item,price\n", 3)
    run = shop.run()
    named = "deliveries/shop/orders/"
    assert warnings(shop, "orders") == {
        "extra.csv": (
            f"{named}extra.csv: column 'colour' is not in the contract and is not read; add what"
            " is wanted to contracts/shop/orders.odcs.yaml",
        ),
        "moved.csv": (
            f"{named}moved.csv: columns are in another order than in the contract; read by name",
        ),
        "header.csv": (f"{named}header.csv: has a header and no rows",),
    }
    assert shop.balances(run.run_id) == {
        "extra.csv": (1, 1, 0, 0, 0),
        "moved.csv": (1, 1, 0, 0, 0),
        "header.csv": (0, 0, 0, 0, 0),
    }
    assert tables(shop) == BASE | {
        "silver.shop__orders": [
            *BASE["silver.shop__orders"],
            (3, "cap", Decimal(3)),
            (4, "pad", Decimal(4)),
        ],
        "gold.fct_orders": [*BASE["gold.fct_orders"], (3, Decimal(3)), (4, Decimal(4))],
    }


def test_a_number_that_is_text_is_quarantined_with_its_rule(shop: SmallProduct) -> None:
    shop.deliver(
        "orders", "b.csv", 'order,item,price\n3,cap,"3,5"\nIV,pad,-1\n5,map,5\n,pin,1\n', 1
    )
    run = shop.run()
    assert shop.quarantined("orders") == [
        ("b.csv", 1, ["price_type"]),
        ("b.csv", 2, ["order_type", "price_minimum"]),
        ("b.csv", 4, ["order_required"]),
    ]
    assert shop.rows("quarantine.shop__orders") == [
        ("", "pin", "1"),
        ("3", "cap", "3,5"),
        ("IV", "pad", "-1"),
    ]
    assert shop.balances(run.run_id) == {"b.csv": (4, 1, 3, 0, 0)}
    good = {
        "silver.shop__orders": [*BASE["silver.shop__orders"], (5, "map", Decimal(5))],
        "gold.fct_orders": [*BASE["gold.fct_orders"], (5, Decimal(5))],
    }
    assert tables(shop) == BASE | good

    shop.deliver("orders", "c.csv", "order,item,price\n3,cap,3.5\n4,pad,1\n", 2)
    shop.release()
    assert shop.rows("silver.shop__orders", '"order"') == [(1,), (2,), (3,), (4,), (5,)]
    assert len(shop.quarantined("orders")) == 3


def test_the_same_delivery_again_is_no_delivery(shop: SmallProduct) -> None:
    for table, text in FILES.items():
        shop.deliver(table, "a.csv", text, 0)
    before = shop.data_versions()
    outcome = shop.run()
    assert (outcome.release, outcome.started.landed) == (None, ())
    assert shop.data_versions() == before
    assert len(shop.loads()) == 5


@pytest.mark.parametrize("name", ["a.csv", "copy.csv"])
def test_the_same_bytes_delivered_later_add_no_row(shop: SmallProduct, name: str) -> None:
    for table, text in FILES.items():
        shop.deliver(table, name, text, 1)
    run = shop.run()
    assert tables(shop) == BASE
    found = {load.table: load.load_id for load in shop.loads()[5:]}
    balances = {b.table: b for b in shop.project.records.balances_of(run.run_id)}
    assert {t: b.load_id for t, b in balances.items()} == found
    assert {t: (b.landed, b.accepted, b.deduplicated) for t, b in balances.items()} == {
        "clicks": (2, 0, 2),
        "orders": (2, 0, 2),
        "stock": (2, 0, 2),
        "prices": (2, 0, 2),
        "places": (2, 2, 0),
    }
    assert shop.rows("quarantine.shop__orders") == []


def test_the_same_rows_in_another_file(shop: SmallProduct) -> None:
    """Where rows have no key, rows in other bytes are news: nothing tells that they are not."""
    for table, text in FILES.items():
        header, *rows = text.splitlines(keepends=True)
        shop.deliver(table, "b.csv", header + "".join(reversed(rows)), 1)
    shop.release()
    clicks = BASE["silver.shop__clicks"]
    assert tables(shop) == BASE | {
        "silver.shop__clicks": sorted(clicks * 2),
        "gold.agg_clicks": [("cart", 2), ("home", 6)],
    }


def test_corrected_rows(shop: SmallProduct) -> None:
    """Upserts and snapshots take corrections; appended rows stand, and the other is kept aside."""
    shop.deliver("orders", "b.csv", "order,item,price\n1,pen,9\n3,cap,3\n", 1)
    shop.deliver(
        "stock", "b.csv", "sku,place,qty,changed_at\npen,north,7,2024-01-02T00:00:00Z\n", 1
    )
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    shop.deliver("places", "b.csv", "place,city\nnorth,Bergen\nwest,Lima\n", 1)
    run = shop.run()
    later = datetime(2024, 1, 2, tzinfo=UTC)
    assert tables(shop) == BASE | {
        "silver.shop__orders": [*BASE["silver.shop__orders"], (3, "cap", Decimal(3))],
        "silver.shop__stock": [("ink", "south", 6, JANUARY), ("pen", "north", 7, later)],
        "silver.shop__prices": [("ink", 2.0), ("pen", 9.0)],
        "silver.shop__places": [("north", "Bergen"), ("west", "Lima")],
        "gold.fct_orders": [*BASE["gold.fct_orders"], (3, Decimal(3))],
        "gold.agg_stock": [("north", "Bergen", 7), ("south", None, 6)],
    }
    assert shop.quarantined("orders") == [("b.csv", 1, ["key_conflict"])]
    balances = {b.table: b for b in shop.project.records.balances_of(run.run_id)}
    assert {
        t: (b.landed, b.accepted, b.quarantined, b.deduplicated, b.superseded)
        for t, b in balances.items()
    } == {
        "orders": (2, 1, 1, 0, 0),
        "stock": (1, 1, 0, 0, 0),
        "prices": (1, 1, 0, 0, 0),
        "places": (2, 2, 0, 0, 0),
    }


def test_deliveries_out_of_order(shop: SmallProduct) -> None:
    """Gold that joins ends the same; a change older than what stands is superseded at once."""
    header = "sku,place,qty,changed_at\n"
    shop.deliver("stock", "b.csv", f"{header}pen,west,1,2024-03-01T00:00:00Z\n", 1)
    shop.release()
    assert shop.rows("gold.agg_stock") == [*BASE["gold.agg_stock"], ("west", None, 1)]
    shop.deliver("stock", "late.csv", f"{header}pen,west,9,2024-02-01T00:00:00Z\n", 2)
    shop.deliver("places", "b.csv", FILES["places"] + "west,Lima\n", 3)
    run = shop.run()
    assert shop.rows("gold.agg_stock") == [*BASE["gold.agg_stock"], ("west", "Lima", 1)]
    assert shop.balances(run.run_id)["late.csv"] == (1, 1, 0, 0, 1)


def test_a_snapshot_without_rows_empties_the_table_with_a_warning(shop: SmallProduct) -> None:
    shop.deliver("places", "b.csv", "place,city\n", 1)
    shop.release()
    assert warnings(shop, "places") == {
        "b.csv": ("deliveries/shop/places/b.csv: has a header and no rows",)
    }
    assert shop.rows("silver.shop__places") == []
    assert shop.rows("gold.agg_stock") == [("north", None, 5), ("south", None, 6)]


def test_no_delivery_is_no_work_and_says_so(shop: SmallProduct) -> None:
    before = shop.versions()
    outcome = shop.run()
    assert (outcome.release, outcome.started.run, outcome.started.landed) == (None, None, ())
    events = shop.project.records.events_of(outcome.run_id)
    assert [event.state for event in events] == [StageState.NOTHING_TO_DO]
    assert {k for k, v in shop.versions().items() if v != before[k]} == {"_assay/stage_events"}


def test_before_the_first_delivery_there_is_nothing_to_release(
    product_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_small_product(product_folder, monkeypatch, ["orders"])
    outcome = shop.run()
    assert (outcome.release, outcome.started.run) == (None, None)
    shop.deliver("orders", "a.csv", FILES["orders"])
    assert shop.release().number == 1
    assert shop.rows("silver.shop__orders") == BASE["silver.shop__orders"]


def test_a_load_with_too_many_bad_rows_stops_the_run_until_it_is_skipped(
    shop: SmallProduct,
) -> None:
    path = shop.contract_path("prices")
    document = yaml.safe_load(path.read_text())
    document["schema"][0]["customProperties"].append(
        {"property": "maxQuarantinedShare", "value": 0.1}
    )
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    shop.deliver("prices", "b.csv", "sku,price\npen,dear\n", 1)
    with pytest.raises(LoadRefused) as refused:
        shop.run()
    bad = shop.loads("prices")[-1].load_id
    assert f"1 of 1 rows of load {bad} were quarantined, more than 10.0%" in str(refused.value)
    assert f"assay loads skip {bad}" in str(refused.value)
    assert tables(shop) == BASE
    shop.skip(bad)
    shop.deliver("prices", "c.csv", "sku,price\npen,3\n", 2)
    shop.release()
    assert shop.rows("silver.shop__prices") == [("ink", 2.0), ("pen", 3.0)]
