"""What a run's dbt writes: once, on top of its base, and never against what releases need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

from assay.domain import BoundTable, LakeBinding, TableRef
from assay.errors import StorageError
from assay.pipeline.locks import write_fence
from assay.pipeline.store import Invocation, read_candidates, store_rows
from assay.storage import open_connection, table_path
from assay.storage.connection import one_thread

TABLE = TableRef.parse("gold.t")
REQUEST = {
    "model": "t", "mode": "append", "unique_key": [], "description": "", "has_base": True,
    "new_rows": "(select 1::bigint as id)", "settings": {}, "rules": {},
}  # fmt: skip


def binding(lake: Path, base: int | None) -> LakeBinding:
    path = str(table_path(lake, TABLE))
    bases = (BoundTable(TABLE, path, base),) if base is not None else ()
    (lake / "scratch").mkdir(parents=True, exist_ok=True)
    (lake / "_assay" / "locks").mkdir(parents=True, exist_ok=True)
    write_fence(lake, "shop", 1)
    return LakeBinding(
        "shop", "run-1", 1, str(lake), str(lake), str(lake / "scratch"), bases, bases, ()
    )


def store(lake: Path, base: int | None, **changed: Any) -> None:
    with open_connection(threads="1") as connection:
        connection.execute("create schema gold")
        request = {**REQUEST, "has_base": base is not None, **changed}
        store_rows(
            connection,
            binding(lake, base),
            schema="gold",
            name="t",
            request=request,
            invocation=Invocation(),
        )


def test_an_attempt_that_is_repeated_counts_once_and_each_is_named(tmp_path: Path) -> None:
    store(tmp_path, None)
    for _ in range(3):
        store(tmp_path, 0, new_rows="(select 2::bigint as id)")
    table = DeltaTable(str(table_path(tmp_path, TABLE)))
    assert sorted(table.to_pyarrow_table()["id"].to_pylist()) == [1, 2]
    candidates = read_candidates(tmp_path / "scratch")
    assert [candidate.rows for candidate in candidates] == [1, 2, 2, 2]
    names = [
        line.split('"appId":"')[1].split('"')[0]
        for log in sorted((table_path(tmp_path, TABLE) / "_delta_log").glob("*.json"))
        for line in log.read_text().splitlines()
        if '"txn"' in line
    ]
    assert len(names) == len(set(names)) == 4
    assert {name.rsplit("/", 1)[0] for name in names} == {"assay/run-1/gold.t"}


@pytest.mark.parametrize(
    "name",
    [
        "delta.enableExpiredLogCleanup",
        "delta.logRetentionDuration",
        "delta.deletedFileRetentionDuration",
    ],
)
def test_properties_that_would_end_releases_are_refused(tmp_path: Path, name: str) -> None:
    settings = {"table_properties": {name: "interval 1 day"}}
    with pytest.raises(StorageError, match=rf"table_properties of gold\.t set {name}"):
        store(tmp_path, None, settings=settings)
    assert not table_path(tmp_path, TABLE).exists()


def test_many_small_runs_leave_few_files(tmp_path: Path) -> None:
    store(tmp_path, None)
    path = table_path(tmp_path, TABLE)
    for number in range(40):
        version = DeltaTable(str(path)).version()
        store(tmp_path, version, new_rows=f"(select {number + 2}::bigint as id)")
    table = DeltaTable(str(path))
    assert len(table.file_uris()) < 34
    assert sorted(table.to_pyarrow_table()["id"].to_pylist()) == list(range(1, 42))
    assert [candidate.rows_written for candidate in read_candidates(tmp_path / "scratch")] == [
        1
    ] * 41


def test_what_failed_in_a_transaction_is_told_and_not_that_it_is_aborted() -> None:
    with open_connection(threads="2") as connection:
        connection.execute("begin")
        with (
            pytest.raises(duckdb.InvalidInputException, match="no room"),
            one_thread(connection),
        ):
            connection.execute("select error('no room')")
        connection.execute("rollback")
        assert connection.execute("select current_setting('threads')").fetchall() == [(2,)]
