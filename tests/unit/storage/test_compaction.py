"""Small files are joined, and nothing that a reader sees changes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from delta_tables import Rows, Tables
from deltalake import DeltaTable

from assay.errors import ConcurrentWrite
from assay.storage import (
    TableSpec,
    WriteMode,
    WriteRequest,
    WriteResult,
    compact_table,
    current_version,
    write_table,
)

PARTS = "select {i}::bigint as id, ['a', 'b', null][{i} % 3 + 1] as part, 'x{i}' as \"odd name\""


def append(
    tables: Tables, count: int, spec: TableSpec, *, is_shared: bool, keys: tuple[str, ...] = ()
) -> list[WriteResult]:
    found = []
    for i in range(count):
        base = current_version(tables.path())
        mode = WriteMode.MERGE if keys and base is not None else WriteMode.APPEND
        query = f"({PARTS.replace('{i}', str(i))})"
        request = WriteRequest(
            tables.path(),
            "t",
            query,
            mode,
            base,
            lambda: None,
            keys,
            spec=spec,
            is_shared=is_shared,
        )
        found.append(write_table(tables.connection, request))
    return found


def expected(count: int) -> Rows:
    return [(i, ["a", "b", None][i % 3], f"x{i}") for i in range(count)]


def files(tables: Tables) -> list[str]:
    return DeltaTable(str(tables.path())).file_uris()


@pytest.mark.parametrize("keys", [(), ("id",)], ids=["append", "merge of new keys"])
def test_a_table_that_grows_by_small_writes_stays_compact(
    tables: Tables, keys: tuple[str, ...]
) -> None:
    results = append(tables, 70, TableSpec(), is_shared=False, keys=keys)
    assert len(files(tables)) < 34
    assert [result.rows for result in results] == list(range(1, 71))
    assert [result.rows_written for result in results] == [1] * 70
    assert tables.read(results[-1].version) == expected(70)
    assert tables.read(results[20].version) == expected(21), "earlier versions stay"
    if not keys:
        assert "the new rows are added, 32 small files joined with them" in {
            result.reason for result in results
        }


def test_a_table_that_others_write_is_only_added_to(tables: Tables) -> None:
    append(tables, 40, TableSpec(), is_shared=True)
    assert len(files(tables)) == 40


@pytest.mark.parametrize(
    "spec",
    [
        TableSpec(codec="zstd"),
        TableSpec(partition_by=("part",)),
        TableSpec(not_null=("id",), checks={"positive": "id >= 0"}),
    ],
    ids=["plain", "partitioned", "constrained"],
)
def test_compaction_changes_files_and_no_row(tables: Tables, spec: TableSpec) -> None:
    append(tables, 9, spec, is_shared=True)
    before = current_version(tables.path())
    assert before is not None
    assert compact_table(tables.connection, tables.path(), "t", is_dry_run=True) == 9
    assert current_version(tables.path()) == before
    assert compact_table(tables.connection, tables.path(), "t") == 9
    assert len(files(tables)) == (3 if spec.partition_by else 1)
    assert tables.read(before + 1) == tables.read(before) == expected(9)
    log = tables.log(before + 1)
    assert {e[kind]["dataChange"] for e in log for kind in ("add", "remove") if kind in e} == {
        False
    }
    table = DeltaTable(str(tables.path()))
    assert table.metadata().partition_columns == list(spec.partition_by)
    codecs = {
        duckdb.execute(f"select compression from parquet_metadata('{Path(uri)}')").fetchall()[0][0]
        for uri in files(tables)
    }
    assert codecs == {spec.codec.upper()}
    assert compact_table(tables.connection, tables.path(), "t") == 0, "once is enough"


def test_files_grow_to_the_size_that_the_table_asks_for(tables: Tables) -> None:
    tables.write("select i::bigint as id, hash(i)::varchar as text from range(200_000) r(i)")
    assert compact_table(tables.connection, tables.path(), "t") == 0, "one file is not joined"
    spec = TableSpec(file_size="1MB")
    query = "(select i::bigint as id, hash(i)::varchar as text from range(600_000) r(i))"
    request = WriteRequest(
        tables.path("u"), "u", query, WriteMode.OVERWRITE, None, lambda: None, spec=spec
    )
    write_table(tables.connection, request)
    table = DeltaTable(str(tables.path("u")))
    assert table.metadata().configuration["delta.targetFileSize"] == "1000000"
    assert len(table.file_uris()) > 2
    assert compact_table(tables.connection, tables.path("u"), "u") == 0, "they have their size"


def test_a_target_size_that_changes_is_recorded(tables: Tables) -> None:
    append(tables, 1, TableSpec(file_size="32MB"), is_shared=True)
    append(tables, 1, TableSpec(file_size="64MB"), is_shared=True)
    settings = DeltaTable(str(tables.path())).metadata().configuration
    assert settings["delta.targetFileSize"] == "64000000"


def test_a_compaction_that_another_writer_came_before_is_refused(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(tables, 5, TableSpec(), is_shared=True)
    found = files(tables)
    from assay.storage import compaction

    copy = compaction.copy_rows

    def intrude(*arguments: object) -> object:
        append(tables, 1, TableSpec(), is_shared=True)
        return copy(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(compaction, "copy_rows", intrude)
    with pytest.raises(ConcurrentWrite):
        compact_table(tables.connection, tables.path(), "t")
    assert set(found) < set(files(tables))
