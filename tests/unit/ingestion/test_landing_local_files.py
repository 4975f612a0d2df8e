"""Which files are deliveries, which deliveries are new, and what is recorded of them."""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from errno import EACCES
from hashlib import sha256
from pathlib import Path

import pytest
from landing_harness import DELIVERED, NOW, Landing, make_contract

from assay.domain import Load, LoadStatus, Server
from assay.errors import ContractError, SourceError
from assay.ingestion import LoadLedger, choose_server, find_unanswered_refusals, local_files

A, B = b"a,b\n1,2\n", b"a,b\n1,3\n"
SOON = DELIVERED + timedelta(microseconds=1)


def test_a_delivery_lands_unchanged_and_is_recorded(landing: Landing) -> None:
    load = landing.land_one(A)

    assert landing.bytes_of(load) == A
    assert load == Load(
        load_id=f"shop-000001-{sha256(A).hexdigest()[:8]}",
        product="shop",
        table="orders",
        status=LoadStatus.LANDED,
        source="till",
        source_name="files/drop/orders.csv",
        delivered_at_utc=DELIVERED,
        landed_at_utc=NOW,
        sha256=sha256(A).hexdigest(),
        size_bytes=8,
        row_count=1,
        landed_path=f"landing/shop/orders/{sha256(A).hexdigest()}.csv",
        columns=("a", "b"),
        names=("lake_a", "lake_b"),
    )
    assert landing.ledger.all("shop") == [load]
    assert landing.ledger.of_table("shop", "orders") == [load]
    assert landing.ledger.all("other") == []


def test_landed_bytes_are_read_only(landing: Landing) -> None:
    load = landing.land_one(A)

    assert not stat.S_IMODE((landing.lake / load.landed_path).stat().st_mode) & 0o222


def test_no_delivery_is_no_error(landing: Landing, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert landing.land() == []

    assert "no_new_delivery product=shop table=orders" in caplog.text


def test_the_same_delivery_is_landed_once(landing: Landing) -> None:
    landing.land_one(A)

    assert landing.land() == []
    assert landing.land(NOW + timedelta(days=1)) == []
    assert len(landing.ledger.all("shop")) == 1


def test_a_then_b_then_a_are_three_deliveries(landing: Landing) -> None:
    loads = []
    for count, data in enumerate((A, B, A)):
        landing.deliver("orders.csv", data, DELIVERED + timedelta(seconds=count))
        loads += landing.land()

    assert [load.sha256 for load in loads] == [sha256(data).hexdigest() for data in (A, B, A)]
    assert [load.load_id.split("-")[1] for load in loads] == ["000001", "000002", "000003"]
    assert len({load.landed_path for load in loads}) == 2


def test_the_same_rows_under_another_name_are_another_delivery(landing: Landing) -> None:
    first = landing.land_one(A)
    landing.deliver("again.csv", A)

    (second,) = landing.land()

    assert second.landed_path == first.landed_path
    assert second.source_name == "files/drop/again.csv"


def test_other_bytes_at_the_same_time_and_size_are_another_delivery(landing: Landing) -> None:
    landing.land_one(A)
    landing.deliver("orders.csv", B)

    assert [load.sha256 for load in landing.land()] == [sha256(B).hexdigest()]


def test_a_file_known_by_its_metadata_is_not_read_again(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing.deliver("orders.csv", A)
    after = datetime.fromtimestamp(path.stat().st_ctime, UTC)
    landing.land(after + timedelta(minutes=1))

    def refuse(*_: object) -> None:
        raise LookupError("read again")

    monkeypatch.setattr("assay.ingestion.landing.fetch_file", refuse)

    assert landing.land(after + timedelta(minutes=2)) == []


def test_deliveries_land_by_delivery_time_then_name(landing: Landing) -> None:
    landing.deliver("a.csv", A, SOON)
    landing.deliver("c.csv", A, DELIVERED)
    landing.deliver("b.csv", B, DELIVERED)

    assert [load.source_name for load in landing.land()] == [
        "files/drop/b.csv",
        "files/drop/c.csv",
        "files/drop/a.csv",
    ]


@pytest.mark.parametrize("name", [".hidden.csv", ".late/x.csv", "x.csv.tmp", "x.csv.part"])
def test_hidden_and_unfinished_files_are_no_deliveries(landing: Landing, name: str) -> None:
    landing.contract = make_contract("a", "b", path="drop/**/*")
    landing.deliver(name, A)

    assert landing.land() == []


def test_an_absolute_pattern_is_taken_as_it_is(landing: Landing, tmp_path: Path) -> None:
    landing.contract = make_contract("a", "b", path=f"{tmp_path}/elsewhere/*.csv")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.csv").write_bytes(A)

    (load,) = landing.land()

    assert load.source_name == f"files/{str(tmp_path).lstrip('/')}/elsewhere/x.csv"


def test_a_file_that_changes_while_copied_is_not_landed(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing.deliver("orders.csv", A)
    copy = local_files.copy_scanned

    def copy_while_written(*arguments: object) -> None:
        copy(*arguments)  # type: ignore[arg-type]
        with path.open("ab") as handle:
            handle.write(b"3,4\n")

    monkeypatch.setattr(local_files, "copy_scanned", copy_while_written)

    with pytest.raises(SourceError, match="changed while it was being copied") as caught:
        landing.land()

    assert caught.value.retryable
    assert landing.ledger.all("shop") == []
    assert list((landing.lake / "landing").rglob("*.*")) == []
    monkeypatch.undo()
    assert [load.row_count for load in landing.land()] == [2]


def test_an_unreadable_file_is_named(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    path = landing.deliver("orders.csv", A)

    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    # Root, who may run the tests, may read every file.
    monkeypatch.setattr(local_files, "copy_scanned", deny)

    with pytest.raises(SourceError) as caught:
        landing.land()

    assert caught.value.what == "files/drop/orders.csv cannot be read: Permission denied"
    assert caught.value.where == str(path)
    assert landing.ledger.all("shop") == []


def test_a_killed_copy_leaves_nothing_behind(landing: Landing) -> None:
    folder = landing.lake / "landing" / "shop" / "orders"
    folder.mkdir(parents=True)
    (folder / ".incoming-1.part").write_bytes(b"a,")

    load = landing.land_one(A)

    assert [path.name for path in folder.iterdir()] == [Path(load.landed_path).name]


def test_a_landing_killed_before_its_record_is_done_again(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.deliver("a.csv", A, DELIVERED)
    landing.deliver("b.csv", B, SOON)
    record = LoadLedger.record

    def die_at_second(self: LoadLedger, load: Load) -> None:
        if load.source_name.endswith("b.csv"):
            raise KeyboardInterrupt
        record(self, load)

    monkeypatch.setattr(LoadLedger, "record", die_at_second)
    with pytest.raises(KeyboardInterrupt):
        landing.land()
    monkeypatch.undo()

    assert [load.source_name for load in landing.land()] == ["files/drop/b.csv"]
    assert [load.load_id.split("-")[1] for load in landing.ledger.all("shop")] == [
        "000001",
        "000002",
    ]


def test_the_sequence_rises_over_all_tables_of_a_product(landing: Landing) -> None:
    landing.land_one(A)
    landing.contract = replace(landing.contract, table="returns")

    (load,) = landing.land()

    assert load.load_id.startswith("shop-000002-")
    assert load.landed_path.startswith("landing/shop/returns/")


def test_a_refusal_stands_until_the_same_source_delivers_again(landing: Landing) -> None:
    landing.deliver("x.csv", b"", DELIVERED)
    landing.deliver("y.csv", b"", DELIVERED)
    refused = landing.land()
    landing.deliver("y.csv", A, SOON)
    landing.land()

    unanswered = find_unanswered_refusals(landing.ledger.of_table("shop", "orders"))

    assert [load.source_name for load in refused] == ["files/drop/x.csv", "files/drop/y.csv"]
    assert [load.source_name for load in unanswered] == ["files/drop/x.csv"]


def _server(name: str, environment: str = "", kind: str = "local") -> Server:
    return Server(name, environment, kind, path="drop/*.csv")


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ([_server("x", "local"), _server("y", "production")], "x"),
        ([_server("x"), _server("y", "production")], "x"),
        ([_server("x"), _server("y", "local")], "y"),
    ],
    ids=["by environment", "the one for any environment", "environment before any"],
)
def test_the_environment_chooses_the_server(servers: list[Server], expected: str) -> None:
    contract = replace(make_contract("a"), servers=tuple(servers))

    assert choose_server(contract, "local").name == expected


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        ([], "no server for environment 'local'; its servers are: none"),
        ([_server("x", "production")], r"no server .* its servers are: x \(production\)"),
        ([_server("x"), _server("y")], r"2 servers .* x \(any environment\), y \(any"),
    ],
)
def test_no_one_server_is_told_with_those_there_are(servers: list[Server], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        choose_server(replace(make_contract("a"), servers=tuple(servers)), "local")


def test_a_server_that_cannot_be_used_is_told(landing: Landing) -> None:
    server = replace(_server("x"), kind="kafka")
    landing.contract = replace(landing.contract, servers=(server,))

    with pytest.raises(ContractError, match="is of kind 'kafka': expected local or postgres"):
        landing.land()


def test_a_server_without_a_path_is_told(landing: Landing) -> None:
    landing.contract = make_contract("a", path="")

    with pytest.raises(SourceError, match="server 'files' has no path"):
        landing.land()


@pytest.mark.parametrize("pattern", ["drop/*.csv", "drop/*/orders.csv", "*/*.csv", "drop/in/*.csv"])
def test_a_folder_that_may_not_be_looked_into_is_told(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    landing.deliver("orders.csv", A)
    closed, scandir, status = str(landing.deliveries / "drop"), os.scandir, os.stat

    def scan(path: str) -> object:
        if str(path) == closed:
            raise PermissionError(EACCES, "Permission denied", closed)
        return scandir(path)

    def look(path: str, **named: object) -> object:
        if str(path).startswith(f"{closed}/"):
            raise PermissionError(EACCES, "Permission denied", str(path))
        return status(path, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "scandir", scan)
    monkeypatch.setattr(os, "stat", look)
    landing.contract = make_contract("a", "b", path=pattern)
    with pytest.raises(SourceError, match="cannot be listed: Permission denied") as caught:
        landing.land()
    assert closed in caught.value.where
