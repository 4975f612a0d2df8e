"""A lake whose files were changed, cut off or lost: none of it is released, and it is told."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from released_shop import BASE, tables
from small_product import PRODUCT, SmallProduct

from assay.domain import Layer, StageState, TableRef
from assay.errors import ContractError, QualityError, ReleaseError, StorageError, TransformError
from assay.pipeline import build_layer, start_run
from assay.pipeline.rollback import roll_back
from assay.pipeline.stage import record_event_of
from assay.storage import open_table


def _rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.chmod(0o644)
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda data: data.replace(b"9,cap,3", b"9,cap,4"), "has other bytes than landed"),
        (lambda data: data.replace(b"9,cap,3\n", b"9,cap,3\r"), "has other bytes than landed"),
        (lambda data: data[:20], "has 20 bytes: 25 landed"),
        (None, "is gone"),
    ],
    ids=["a digit", "not readable", "half", "no file"],
)
def test_landed_bytes_that_are_not_those_that_landed_are_not_built(
    shop: SmallProduct, change: Callable[[bytes], bytes] | None, found: str
) -> None:
    shop.deliver("orders", "b.csv", "order,item,price\n9,cap,3\n", 1)
    started = start_run(shop.project, PRODUCT, "run-1")
    load = started.landed[0]
    path = shop.lake / load.landed_path
    kept = path.read_bytes()
    _rewrite(path, change) if change else path.unlink()
    with pytest.raises(StorageError) as refused:
        build_layer(shop.project, "run-1", Layer.BRONZE)
    assert refused.value.what == (
        f"the landed file of load {load.load_id} (deliveries/shop/orders/b.csv) {found}"
    )
    assert tables(shop) == BASE
    path.write_bytes(kept)
    shop.release()
    assert shop.rows("gold.fct_orders") == [*BASE["gold.fct_orders"], (9, Decimal(3))]


def _data_file(shop: SmallProduct, table: str, version: int) -> Path:
    path = shop.project.table_path(TableRef.parse(table))
    return Path(open_table(path, version).file_uris()[0])


@pytest.mark.parametrize("is_cut_off", [True, False], ids=["cut off", "gone"])
def test_a_lost_data_file_is_built_anew_from_what_landed(
    shop: SmallProduct, is_cut_off: bool
) -> None:
    file = _data_file(shop, "silver.shop__stock", 0)
    if is_cut_off:
        file.write_bytes(file.read_bytes()[:-9])
    else:
        file.unlink()
    shop.deliver(
        "stock", "b.csv", "sku,place,qty,changed_at\npen,north,1,2024-01-02T00:00:00Z\n", 1
    )
    with pytest.raises(TransformError) as failed:
        shop.run()
    assert failed.value.todo == (
        "check the disk and the permissions of the lake's folder and run again: `assay run shop`;"
        " where a table's file is gone or damaged, `assay run shop --full-refresh` builds all"
        " tables anew from what landed; readers still see the current release"
    )
    assert shop.run(is_full_refresh=True).release is not None
    assert len(shop.rows("silver.shop__stock")) == 2


def test_a_release_whose_data_files_are_gone_is_not_rolled_back_to(shop: SmallProduct) -> None:
    shop.deliver("places", "b.csv", "place,city\nnorth,Oslo\n", 1)
    shop.release()
    file = _data_file(shop, "gold.agg_stock", 0)
    kept = file.read_bytes()
    for damaged in (b"", kept[:-1], None):
        file.write_bytes(damaged) if damaged is not None else file.unlink()
        with pytest.raises(StorageError) as refused:
            roll_back(shop.project, PRODUCT, to=1, reason="a test", actor="test")
        assert (refused.value.what, refused.value.where) == (
            "1 of 1 data files of the Delta table agg_stock at version 0 are gone or not as long"
            " as they were",
            str(file),
        )
    file.write_bytes(kept)
    roll_back(shop.project, PRODUCT, to=1, reason="a test", actor="test")
    assert tables(shop) == BASE


def test_a_lost_file_is_what_an_audit_and_a_query_tell_of(shop: SmallProduct) -> None:
    advice = "`assay run {} --full-refresh` builds all tables anew from what landed"
    file = _data_file(shop, "bronze.bronze_shop__orders", 0)
    file.unlink()
    with pytest.raises(ReleaseError, match="Cannot open file") as query:
        shop.query("from bronze.bronze_shop__orders")
    assert advice.format("<product>") in query.value.todo
    shop.deliver("orders", "b.csv", "order,item,price\n9,cap,3\n", 1)
    with pytest.raises(QualityError, match="could not be measured") as audit:
        shop.run()
    assert advice.format("shop") in audit.value.todo


def test_a_log_that_cannot_be_read_is_named(shop: SmallProduct) -> None:
    path = shop.project.table_path(TableRef.parse("silver.shop__stock"))
    (path / "_delta_log" / f"{0:020}.json").write_text("")
    shop.deliver("orders", "b.csv", "order,item,price\n9,cap,3\n", 1)
    for use in (lambda: shop.query("from silver.shop__orders"), shop.run):
        with pytest.raises(StorageError) as refused:
            use()
        assert refused.value.what.startswith(
            "the Delta table shop__stock at version 0 cannot be opened: "
        )
        assert refused.value.where == str(path)


def test_a_failure_that_cannot_be_recorded_is_told_all_the_same(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def record(*given: Any, **named: Any) -> None:
        if StageState.FAILED in given:
            raise StorageError("no room for records")
        record_event_of(*given, **named)

    monkeypatch.setattr("assay.pipeline.stage.record_event_of", record)
    shop.contract_path("orders").write_text("")
    with pytest.raises(ContractError):
        shop.run()
    assert "failure_not_recorded" in caplog.text
    assert "no room for records" in caplog.text
