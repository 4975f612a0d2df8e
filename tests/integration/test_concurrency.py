"""Writers and readers at the same time, each in a process of its own."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from killing import Child, Ended, in_child, read_state, resume_fresh
from small_product import (
    ENTITIES,
    PRODUCT,
    Entity,
    SmallProduct,
    make_small_product,
    write_contract,
    write_text,
)

from assay.config import read_settings
from assay.contracts import read_contracts, staging_model, staging_scaffold, write_compiled
from assay.domain import Layer, Release
from assay.errors import ReleaseConflict, ReleaseError
from assay.pipeline import open_project, open_reader, pin_releases, read_table, run_product
from assay.releases import ReleaseLedger

OTHER = "mill"
CLICKS = ("silver.shop__clicks", "gold.agg_clicks")


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    product = make_small_product(product_folder, monkeypatch, ("clicks",))
    product.deliver("clicks", "a.csv", "at,page,visits\n2024-01-01T00:00:00Z,home,1\n")
    return product


def run(product: str) -> int:
    """In a process: run a product; its release's number, 0 where there was nothing to do."""
    release = run_product(open_project(read_settings()), product).release
    return release.number if release else 0


def read_until(stop: str) -> tuple[int, list[tuple[int, ...]]]:
    """In a process: compare two tables until a file appears; reads, and what did not agree."""
    project = open_project(read_settings())
    reads, mixed = 0, []
    sums = "select (select sum(visits) from silver.shop__clicks), (select sum(visits) from {})"
    while not Path(stop).exists() or reads == 0:
        with open_reader(project) as connection:
            found = connection.execute(sums.format("gold.agg_clicks")).fetchall()
            time.sleep(0.02)
            (later,) = connection.execute("select sum(visits) from gold.agg_clicks").fetchall()
            if len({*found[0], *later}) != 1:
                mixed.append((*found[0], *later))
        reads += 1
    return reads, mixed


def publish(lake: str, run_id: str) -> str:
    """In a process: publish release 1; how that ended."""
    try:
        ReleaseLedger(Path(lake)).publish(make_release(run_id, 1))
    except ReleaseConflict as conflict:
        return f"conflict: {conflict.what}"
    return run_id


def make_release(run_id: str, number: int) -> Release:
    return Release(
        product=PRODUCT,
        number=number,
        kind="publish",
        run_id=run_id,
        base=number - 1,
        tables={},
        rows={},
        loads=(),
        reads={},
        fingerprints={},
        contracts={},
        checks={},
        code_revision="",
        code_dirty=False,
        code_tree_hash="",
        published_at_utc=datetime(2024, 1, 1, tzinfo=UTC),
    )


def write_other_product(root: Path) -> None:
    write_contract(root, "places", ENTITIES["places"], OTHER)
    write_contract(root, "dim_places", Entity((("place", "string", ""),), key=("place",)), OTHER)
    contracts = read_contracts(root / "contracts", OTHER)
    (entity,) = [each for each in contracts if each.layer is not Layer.GOLD]
    models = root / "dbt_project" / "models"
    write_text(models / "silver" / OTHER / f"{staging_model(entity)}.sql", staging_scaffold(entity))
    write_text(
        models / "gold" / OTHER / "dim_places.sql", "select place from {{ ref('mill__places') }}"
    )
    write_compiled(root, contracts, OTHER)


def test_two_runs_of_a_product_at_once_make_one_release(shop: SmallProduct) -> None:
    children = [Child(run, PRODUCT), Child(run, PRODUCT)]
    ended = [child.end() for child in children]
    kinds = Counter(
        each.error.split(":")[0] if each.error else f"release {each.value}" for each in ended
    )
    assert kinds["release 1"] == 1, kinds
    assert set(kinds) <= {"release 1", "release 0", "ProductBusy", "RunSuperseded"}, ended
    state = in_child(read_state)
    assert (state["release"], state["rows"]["silver.shop__clicks"]) == (1, 1)
    assert in_child(run, PRODUCT) == 0


def test_two_products_at_once(shop: SmallProduct) -> None:
    write_other_product(shop.root)
    places = shop.root / "deliveries" / OTHER / "places"
    write_text(places / "a.csv", "place,city\nnorth,Oslo\n")
    for number in (1, 2):
        children = [Child(run, PRODUCT), Child(run, OTHER)]
        assert [child.end() for child in children] == [Ended(number, "", 0)] * 2
        shop.deliver(
            "clicks", f"{number}.csv", "at,page,visits\n2024-01-01T00:00:00Z,b,1\n", number
        )
        write_text(places / f"{number}.csv", "place,city\nnorth,Rome\n")


def test_one_of_many_processes_publishes(tmp_path: Path) -> None:
    children = [Child(publish, str(tmp_path), f"run-{n}") for n in range(4)]
    ended = [child.end() for child in children]
    assert [each.error for each in ended] == [""] * 4
    winners = [each.value for each in ended if each.value.startswith("run-")]
    assert len(winners) == 1, ended
    assert [r.run_id for r in ReleaseLedger(tmp_path).all(PRODUCT)] == winners


def test_one_of_many_threads_publishes(tmp_path: Path) -> None:
    ReleaseLedger(tmp_path).publish(make_release("first", 1))
    start = threading.Barrier(4)
    ended: list[str] = []

    def work(run_id: str) -> None:
        ledger = ReleaseLedger(tmp_path)
        start.wait()
        try:
            ledger.publish(make_release(run_id, 2))
            ended.append("published")
        except ReleaseConflict:
            ended.append("conflict")

    threads = [threading.Thread(target=work, args=(f"run-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["conflict"] * 3 + ["published"]
    assert len(ReleaseLedger(tmp_path).all(PRODUCT)) == 2


def test_pinned_tables_are_of_one_moment(shop: SmallProduct) -> None:
    shop.run()
    pinned = pin_releases(shop.project)
    before = [pinned.read(table).to_pylist() for table in CLICKS]
    shop.deliver("clicks", "b.csv", "at,page,visits\n2024-01-02T00:00:00Z,home,10\n", 1)
    shop.run()
    assert [pinned.read(table).to_pylist() for table in CLICKS] == before
    assert [read_table(shop.project, table).to_pylist() for table in CLICKS] != before
    with pytest.raises(ReleaseError, match=r"no release has a table gold\.absent"):
        pinned.read("gold.absent")
    with pytest.raises(ReleaseError, match="'absent' names no table"):
        pinned.read("absent")


def test_readers_never_see_a_mix_of_two_releases(shop: SmallProduct, tmp_path: Path) -> None:
    in_child(resume_fresh)
    stop = tmp_path / "stop"
    reader = Child(read_until, str(stop))
    for number in (2, 3):
        text = f"at,page,visits\n2024-01-01T00:00:00Z,home,{10**number}\n"
        shop.deliver("clicks", f"{number}.csv", text, number)
        in_child(resume_fresh)
    stop.touch()
    ended = reader.end()
    assert ended.error == ""
    reads, mixed = ended.value
    assert mixed == []
    assert reads > 10
    assert in_child(read_state)["tables"]["gold.agg_clicks"] == ["('home', 1101)"]
