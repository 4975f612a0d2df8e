"""Maintenance: what no retained release needs goes, everything else reads as before."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable
from kept_product import KeptProduct, keep_product
from small_product import PRODUCT, Rows, SmallProduct

from assay.domain import Layer
from assay.errors import ReleaseError
from assay.pipeline import build_layer, start_run
from assay.pipeline.maintain import Maintenance, maintain
from assay.pipeline.query import run_sql
from assay.pipeline.readers import read_table
from assay.pipeline.rollback import roll_back
from assay.pipeline.run_states import SHELL_PREFIX

TABLES = ("gold.fct_orders", "silver.shop__orders", "bronze.bronze_shop__orders")
RELEASES = 3
KEPT = (2, 3)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> KeptProduct:
    def begin(shop: SmallProduct) -> None:
        for number in range(1, RELEASES + 1):
            text = f"order,item,price\n{number},pen,{number}\n"
            shop.deliver("orders", f"{number:02d}.csv", text, number)
            shop.release()

    return keep_product(tmp_path_factory.mktemp("maintain"), begin, ("orders",))


@pytest.fixture
def shop(begun: KeptProduct, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    return begun.put_back(monkeypatch)


def read(shop: SmallProduct, release: int) -> dict[str, Rows]:
    found = {}
    for table in TABLES:
        query = f"from {table} order by all"
        rows = run_sql(shop.project, query, releases={PRODUCT: release})
        found[table] = [tuple(row.values()) for row in rows.to_pylist()]
    return found


def clean(shop: SmallProduct, keep: int = 2, **settings: bool) -> Maintenance:
    return maintain(shop.project, keep_releases=keep, keep_days=0, **settings)  # type: ignore[arg-type]


def files(shop: SmallProduct) -> set[Path]:
    return {file for file in (shop.lake / "tables").rglob("*") if file.is_file()}


def folder(shop: SmallProduct, table: str) -> Path:
    layer, name = table.split(".")
    return shop.lake / "tables" / layer / name


def product_files(done: Maintenance) -> dict[str, tuple[str, ...]]:
    """What went, by table; maintenance itself adds to the record tables."""
    return {
        t.table: t.cleaning.data_files for t in done.tables if not t.table.startswith("_assay.")
    }


def test_retained_releases_read_as_before_and_others_are_refused(shop: SmallProduct) -> None:
    kept = {number: read(shop, number) for number in KEPT}
    orphan = folder(shop, "gold.fct_orders") / "part-of-a-killed-write.parquet"
    orphan.write_bytes(b"PAR1")
    before = files(shop)
    done = clean(shop)
    assert [release.number for release in done.retired] == [1]
    assert [each.problem for each in done.tables if each.problem] == []
    assert not orphan.exists()
    assert {orphan} < before - files(shop)
    assert {number: read(shop, number) for number in KEPT} == kept
    for number in (1,):
        with pytest.raises(ReleaseError, match=f"release {number} of shop is beyond retention"):
            read(shop, number)
        with pytest.raises(ReleaseError, match="is beyond retention"):
            read_table(shop.project, "gold.fct_orders", number)
        with pytest.raises(ReleaseError, match="is beyond retention"):
            roll_back(shop.project, PRODUCT, to=number, reason="a test", actor="test")


def test_work_goes_on_after_maintenance(shop: SmallProduct) -> None:
    clean(shop)
    versions = shop.data_versions()
    assert shop.run().release is None, "nothing has changed"
    assert shop.data_versions() == versions
    shop.deliver("orders", "99.csv", "order,item,price\n99,ink,1\n", 99)
    assert len(read(shop, shop.release().number)["gold.fct_orders"]) == RELEASES + 1
    assert roll_back(shop.project, PRODUCT, to=2, reason="a test", actor="test").release.number
    assert len(shop.rows("gold.fct_orders")) == 2


def test_a_dry_run_removes_nothing(shop: SmallProduct) -> None:
    before = files(shop)
    planned = clean(shop, is_dry_run=True)
    assert files(shop) == before
    assert read(shop, 1)
    done = clean(shop)
    assert product_files(planned) == product_files(done)
    assert planned.retired == done.retired


def test_killed_at_any_file_everything_kept_still_reads(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {number: read(shop, number) for number in KEPT}
    unlink = Path.unlink
    allowed = 0

    class Killed(BaseException):
        """As a kill would: nothing catches it."""

    for position in range(100):
        allowed = position

        def counted(self: Path, missing_ok: bool = False) -> None:
            nonlocal allowed
            if allowed == 0:
                raise Killed
            allowed -= 1
            unlink(self, missing_ok=missing_ok)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", counted)
            try:
                clean(shop)
            except Killed:
                pass
            else:
                break
        assert {number: read(shop, number) for number in KEPT} == kept
    assert clean(shop).size_bytes == 0
    assert {number: read(shop, number) for number in KEPT} == kept


def test_record_tables_are_cleaned_and_read_as_before(shop: SmallProduct) -> None:
    runs = shop.project.lake / "_assay" / "runs"
    orphan = runs / "part-of-a-killed-append.parquet"
    orphan.write_bytes(b"PAR1")
    before = shop.project.records.runs.read(), shop.project.releases.everything()
    clean(shop)
    assert orphan.exists(), "what is younger than a day may be an append under way"
    later = replace(shop.project, clock=lambda: datetime.now(UTC) + timedelta(days=2))
    maintain(later, keep_releases=2, keep_days=0)
    assert not orphan.exists()
    assert (shop.project.records.runs.read(), shop.project.releases.everything()) == before
    shop.deliver("orders", "97.csv", "order,item,price\n97,ink,1\n", 97)
    assert shop.release()


def test_what_runs_wrote_stays_for_its_time(shop: SmallProduct) -> None:
    shop.deliver("orders", "98.csv", "order,item,price\n98,ink,1\n", 98)
    table = folder(shop, "gold.fct_orders")
    version = DeltaTable(str(table)).version()
    shop.release()
    maintain(shop.project, keep_releases=1, keep_days=1)
    assert all(Path(uri).exists() for uri in DeltaTable(str(table), version=version).file_uris())
    maintain(shop.project, keep_releases=1, keep_days=0)
    names = {Path(uri).name for uri in DeltaTable(str(table)).file_uris()}
    assert {file.name for file in table.glob("*.parquet")} == names


def test_a_shell_run_between_two_stages_is_not_over(shop: SmallProduct) -> None:
    shop.deliver("orders", "96.csv", "order,item,price\n96,ink,1\n", 96)
    run_id = f"{SHELL_PREFIX}1"
    start_run(shop.project, PRODUCT, run_id)
    build_layer(shop.project, run_id, Layer.BRONZE)
    holder = shop.lake / "_assay" / "locks" / f"{PRODUCT}.holder"
    for pid, is_kept in ((os.getppid(), True), (2**22 + 1, False)):
        holder.write_text(json.dumps({"run": run_id, "pid": pid}))
        clean(shop)
        assert shop.project.scratch(run_id).exists() == is_kept
