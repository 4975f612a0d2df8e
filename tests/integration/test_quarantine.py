"""Quarantined rows mended and sent again: counted once, whatever happens around it."""

from __future__ import annotations

from dataclasses import astuple, replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from quarantine_hands import (
    ME,
    ORDERS,
    WAITING,
    contract,
    deliver_orders,
    places,
    repair,
    replay,
    states,
)
from small_product import PRODUCT, SmallProduct, make_small_product

from assay.cli.main import run
from assay.domain import RowState
from assay.errors import LoadRefused, QuarantineError
from assay.ingestion import LoadLedger
from assay.pipeline.quarantine import replay as replay_module
from assay.pipeline.quarantine.reopen import reopen_rows
from assay.pipeline.quarantine.repair import export_rows, repair_rows
from assay.pipeline.quarantine.rows import RowFilter, find_rows, tell_row
from assay.pipeline.quarantine.words import discard_rows
from assay.quality.quarantine_ledger import QuarantineLedger


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    return make_small_product(product_folder, monkeypatch, ("orders", "prices", "places"))


def test_a_mended_row_is_sent_once_and_counted_once(shop: SmallProduct) -> None:
    deliver_orders(shop)
    mend = {"2": {"price": "2.00"}, "3": {"price": "-3"}}
    done = repair(shop, "orders", lambda row: mend.get(row["order"], {}))
    assert (done.repaired, done.unchanged) == (2, 1)
    sent = replay(shop, "orders")
    assert (sent.rows, [load.row_count for load in sent.landed]) == (2, [2])
    assert (replay(shop, "orders").rows, replay(shop, "orders").landed) == (0, ())
    release = shop.release()
    again = Path(sent.landed[0].source_name).name
    assert shop.rows("silver.shop__orders", '"order", price::varchar') == [(1, "1.50"), (2, "2.00")]
    assert places(shop, release.run_id) == {"1.csv": (4, 1, 1, 2, 0), again: (2, 1, 1, 0, 0)}
    assert states(shop, "orders") == {
        ("1.csv", 2): "replayed",
        ("1.csv", 3): "replayed",
        ("1.csv", 4): "open",
        (again, 2): "open",
    }
    broken_again = shop.query(
        "select _replay_of_row_number, _first_seen_at < _ingested_at, _rules_broken"
        " from quarantine.shop__orders where _replay_of_load_id is not null"
    )
    assert broken_again == [(3, True, ["price_minimum"])]
    assert shop.run().release is None


def test_a_replay_that_is_skipped_tells_whose_rows_it_carries(shop: SmallProduct) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"price": "2.00"} if row["order"] != "4" else {})
    (sent,) = replay(shop, "orders").landed
    done = CliRunner().invoke(run, ["loads", "skip", sent.load_id, "--why", "a wrong price"])
    origin = shop.loads("orders")[0].load_id
    assert done.output.splitlines()[1:] == [
        f"2 rows of {origin} in quarantine are in no table meanwhile. To mend them anew:"
        f" assay quarantine reopen {origin} --all --why '…'"
    ]


def test_rows_are_shown_and_mended_by_the_contract_of_now(shop: SmallProduct) -> None:
    deliver_orders(shop)
    path = shop.contract_path("orders")
    document = yaml.safe_load(path.read_text())
    columns = document["schema"][0]["properties"]
    columns[1] |= {"name": "thing", "physicalName": "item"}
    columns.append({"name": "note", "logicalType": "string", "description": "A note."})
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    (row, *_) = find_rows(shop.project, contract(shop, "orders"), RowFilter())
    assert row.values == {"order": "2", "thing": "ink", "price": "-1", "note": ""}
    done = repair(shop, "orders", lambda row: {"note": "mended"} if row["order"] == "2" else {})
    assert (done.repaired, done.unchanged) == (1, 2)


def test_rows_of_a_snapshot_are_refused_and_can_be_discarded(shop: SmallProduct) -> None:
    shop.deliver("places", "1.csv", "place,city\nnorth,Oslo\nnorth,Paris\n")
    shop.release()
    path = shop.root / "mended.csv"
    export_rows(shop.project, contract(shop, "places"), WAITING, path)
    for act in (
        lambda: repair_rows(shop.project, path, ME),
        lambda: replay(shop, "places", WAITING),
    ):
        with pytest.raises(QuarantineError, match="a delivery is the whole table"):
            act()
    load_id = shop.loads("places")[0].load_id
    chosen = RowFilter(load_id, (2,))
    assert discard_rows(shop.project, contract(shop, "places"), chosen, ME) == 1
    with pytest.raises(QuarantineError, match="is discarded: expected open or repaired"):
        discard_rows(shop.project, contract(shop, "places"), chosen, ME)
    assert reopen_rows(shop.project, contract(shop, "places"), chosen, ME) == 1
    assert states(shop, "places") == {("1.csv", 2): "open"}


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.mark.parametrize(
    ("owner", "name", "sent_after"),
    [
        pytest.param(QuarantineLedger, "record", 1, id="before_the_ledger"),
        pytest.param(replay_module, "land_replay", 0, id="before_landing"),
        pytest.param(LoadLedger, "record", 0, id="before_the_load_is_recorded"),
    ],
)
def test_a_replay_that_was_killed_is_finished_once(
    shop: SmallProduct,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    sent_after: int,
) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"price": "2.00"} if row["order"] == "2" else {})

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, die)
        with pytest.raises(Killed):
            replay(shop, "orders")
    again = replay(shop, "orders")
    assert (again.rows, len(again.landed)) == (sent_after, 1)
    assert replay(shop, "orders").landed == ()
    release = shop.release()
    assert shop.rows("silver.shop__orders", '"order", price::varchar') == [(1, "1.50"), (2, "2.00")]
    assert places(shop, release.run_id)["1.csv"] == (4, 1, 2, 1, 0)


def test_a_run_lands_a_replay_that_was_killed_before_it_did(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"price": "2.00"} if row["order"] == "2" else {})

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(replay_module, "land_replay", die)
        with pytest.raises(Killed):
            replay(shop, "orders")
    shop.release()
    assert shop.rows("silver.shop__orders", '"order"') == [(1,), (2,)]


def test_rows_of_a_stopped_run_are_shown_and_not_acted_on(
    shop: SmallProduct,
) -> None:
    """A share of bad rows above the contract's stops the run; what it left can be looked at."""
    limit = {"property": "maxQuarantinedShare", "value": 0.5}
    document = yaml.safe_load(shop.contract_path("orders").read_text())
    document["schema"][0]["customProperties"].append(limit)
    shop.contract_path("orders").write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    shop.deliver("prices", "1.csv", "sku,price\npen,1\n")
    shop.release()
    shop.deliver("orders", "1.csv", ORDERS + "1,pen,-1\n2,ink,-2\n3,cap,3\n")
    with pytest.raises(LoadRefused, match="assay quarantine list --run") as refused:
        shop.run()
    run_id = shop.project.records.runs_of(PRODUCT)[-1].run_id
    assert run_id in str(refused.value)
    of_orders = contract(shop, "orders")
    left = find_rows(shop.project, of_orders, RowFilter(), run_id=run_id)
    assert [(r.place.row_number, r.state, r.values["price"]) for r in left] == [
        (1, RowState.OPEN, "-1"),
        (2, RowState.OPEN, "-2"),
    ]
    assert tell_row(shop.project, *astuple(left[0].place), run_id=run_id).row == left[0]
    assert find_rows(shop.project, of_orders, RowFilter()) == []
    path = shop.root / "mended.csv"
    assert export_rows(shop.project, of_orders, WAITING, path, run_id=run_id) == 2
    with pytest.raises(QuarantineError, match="line 2, column '_row_number': row 1 of load"):
        repair_rows(shop.project, path, ME)
    place = RowFilter(left[0].place.load_id, (1,))
    with pytest.raises(QuarantineError, match="its load is not in the current release"):
        discard_rows(shop.project, of_orders, place, ME)
    assert shop.project.quarantine.entries(PRODUCT, "orders") == ()


def test_every_load_above_the_share_is_named_with_what_can_be_done_about_it(
    shop: SmallProduct,
) -> None:
    shop.deliver("orders", "1.csv", ORDERS + "1,pen,1\n2,ink,2\n3,cap,30\n")
    shop.release()
    document = yaml.safe_load(shop.contract_path("orders").read_text())
    limit = {"property": "maxQuarantinedShare", "value": 0.5}
    document["schema"][0]["customProperties"].append(limit)
    price = next(c for c in document["schema"][0]["properties"] if c["name"] == "price")
    price["logicalTypeOptions"]["minimum"] = 10
    shop.contract_path("orders").write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    shop.deliver("orders", "2.csv", ORDERS + "4,pen,4\n", 1)
    with pytest.raises(LoadRefused) as refused:
        shop.run()
    first, second = (load.load_id for load in shop.loads("orders"))
    run_id = shop.project.records.runs_of(PRODUCT)[-1].run_id
    assert str(refused.value) == (
        "2 loads lost too many rows to quarantine:\n"
        f"  - 2 of 3 rows of load {first} were quarantined, more than 50.0%\n"
        f"  - 1 of 1 rows of load {second} were quarantined, more than 50.0%\n"
        f"  where: quarantine.shop__orders, run {run_id}\n"
        f"  what to do: look at them: assay quarantine list --run {run_id}; then leave the load"
        f" out, `assay loads skip {second} --why '…'`, and have it delivered again, or raise"
        " maxQuarantinedShare in the contract; what is released already cannot be left out:"
        " raise maxQuarantinedShare or loosen the rules in contracts/shop/orders.odcs.yaml, or"
        " mend or discard rows that the current release has in quarantine, `assay quarantine`"
    )


def test_a_run_of_another_product_is_not_taken_for_one_without_rows(shop: SmallProduct) -> None:
    shop.deliver("orders", "1.csv", ORDERS + "1,pen,-1\n")
    shop.release()
    (run,) = shop.project.records.runs_of(PRODUCT)
    shop.project.records.runs.append([replace(run, run_id="world-1", product="world")])
    told = "run world-1 is one of world: it left no rows"
    with pytest.raises(QuarantineError, match=told) as refused:
        find_rows(shop.project, contract(shop, "orders"), RowFilter(), run_id="world-1")
    todo = "`assay quarantine list --run world-1` lists the rows that it left"
    assert refused.value.todo == todo


def test_a_replay_is_not_held_to_the_share_of_a_delivery(shop: SmallProduct) -> None:
    shop.deliver("orders", "1.csv", ORDERS + "1,pen,-1\n2,ink,2\n3,cap,3\n")
    shop.release()
    repair(shop, "orders", lambda row: {"price": "-5"})
    replay(shop, "orders")
    document = yaml.safe_load(shop.contract_path("orders").read_text())
    limit = {"property": "maxQuarantinedShare", "value": 0.5}
    document["schema"][0]["customProperties"].append(limit)
    shop.contract_path("orders").write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    shop.release()
    assert sorted(states(shop, "orders").values()) == ["open", "replayed"]


def test_a_file_that_is_wrong_in_one_row_is_not_taken_in_any(shop: SmallProduct) -> None:
    deliver_orders(shop)
    shop.deliver("prices", "1.csv", "sku,price\npen,x\n")
    shop.release()
    load_id, of_prices = (shop.loads(table)[0].load_id for table in ("orders", "prices"))
    path = shop.root / "mended.csv"
    header = "_load_id,_row_number,order,item,price\n"
    good = f"{load_id},2,2,ink,2.00\n"
    assert discard_rows(shop.project, contract(shop, "orders"), RowFilter(load_id, (4,)), ME) == 1
    said = shop.project.quarantine.entries(PRODUCT, "orders")
    for bad, told in (
        (f"{load_id},1,1,pen,1\n", f"line 3, column '_row_number': row 1 of load {load_id} is not"),
        (f"{load_id},4,4,nib,4\n", "line 3, column '_row_number': row 4 .* is discarded already"),
        (f"{of_prices},1,1,pen,1\n", "line 3, column '_load_id': is a load of shop.prices"),
        ("shop-000099-abcdef01,1,1,pen,1\n", "line 3, column '_load_id': there is no such load"),
    ):
        path.write_text(header + good + bad)
        with pytest.raises(QuarantineError, match=told):
            repair_rows(shop.project, path, ME)
    path.write_text(header.replace(",price", ",cost") + good)
    with pytest.raises(QuarantineError, match="column 'price': is missing"):
        repair_rows(shop.project, path, ME)
    assert shop.project.quarantine.entries(PRODUCT, "orders") == said


def test_a_row_that_cannot_be_landed_is_not_sent(shop: SmallProduct) -> None:
    deliver_orders(shop)
    repair(shop, "orders", lambda row: {"item": "i" * 1_950_000} if row["order"] == "2" else {})
    with pytest.raises(QuarantineError, match=r"cannot be landed again: .*000002\.csv"):
        replay(shop, "orders")
    assert set(states(shop, "orders").values()) == {"open", "repaired"}
    assert len(shop.loads("orders")) == 1
    assert list((shop.lake / "landing").rglob(".incoming-*")) == []


def test_a_replay_of_rows_without_a_key_is_never_taken_for_a_repetition(
    product_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal bytes are no news where rows have no key; rows that left their place are."""
    shop = make_small_product(product_folder, monkeypatch, ("clicks",))
    row = "2024-01-01T00:00:00Z,home,x\n"
    shop.deliver("clicks", "1.csv", "at,page,visits\n" + row + row)
    shop.release()
    for number in (1, 2):
        load_id = shop.loads("clicks")[0].load_id
        path = shop.root / f"mended-{number}.csv"
        chosen = RowFilter(load_id, (number,))
        export_rows(shop.project, contract(shop, "clicks"), chosen, path)
        path.write_text(path.read_text().replace('"x"', '"1"'))
        assert repair_rows(shop.project, path, ME).repaired == 1
        replay(shop, "clicks")
        shop.release()
    one, other = (load for load in shop.loads("clicks") if load.is_replay)
    assert one.sha256 == other.sha256
    assert shop.query("select count(*), sum(visits)::int from silver.shop__clicks") == [(2, 2)]
