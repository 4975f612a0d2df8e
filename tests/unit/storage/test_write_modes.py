"""Merges with rules, replacing parts of a table, other columns, transactions, shared tables."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from delta_tables import Rows, Tables

from assay.errors import ConcurrentWrite, StorageError
from assay.storage import (
    MergeRules,
    SchemaChange,
    TableSpec,
    WriteMode,
    WriteRequest,
    WriteResult,
    current_version,
    open_connection,
    write_table,
)

BASE = "select i::bigint as id, 'old' as name, false as gone from range(4) r(i)"


def write(tables: Tables, query: str, mode: WriteMode, **settings: Any) -> WriteResult:
    path = tables.path()
    base = current_version(path)
    request = WriteRequest(path, "gold.t", f"({query})", mode, base, lambda: None, **settings)
    return write_table(tables.connection, request)


def rows(tables: Tables) -> Rows:
    version = current_version(tables.path())
    assert version is not None
    return tables.read(version)


def merge(tables: Tables, query: str, **rules: Any) -> Rows:
    write(tables, BASE, WriteMode.OVERWRITE)
    write(tables, query, WriteMode.MERGE, keys=("id",), merge=MergeRules(**rules))
    return rows(tables)


NEW = "select 1::bigint as id, 'new' as name, true as gone union all select 9, 'new', true"
OLD = [(i, "old", False) for i in range(4)]


@pytest.mark.parametrize("method", ["", "merge", "rewrite"])
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, [OLD[0], (1, "new", True), OLD[2], OLD[3], (9, "new", True)]),
        (
            {"update_columns": ("name",)},
            [OLD[0], (1, "new", False), OLD[2], OLD[3], (9, "new", True)],
        ),
        ({"delete_when": "gone"}, [OLD[0], OLD[2], OLD[3]]),
        (
            {"delete_when": "DBT_INTERNAL_SOURCE.name = 'x'"},
            [OLD[0], (1, "new", True), OLD[2], OLD[3], (9, "new", True)],
        ),
        (
            {"soft_delete_when": "gone", "soft_delete_columns": ("gone",)},
            [OLD[0], (1, "old", True), OLD[2], OLD[3]],
        ),
        ({"insert_when": "false"}, [OLD[0], (1, "new", True), OLD[2], OLD[3]]),
        ({"update_when": "false"}, [*OLD, (9, "new", True)]),
        (
            {"predicates": ("DBT_INTERNAL_DEST.id > 1",)},
            [OLD[0], (1, "new", True), OLD[1], OLD[2], OLD[3], (9, "new", True)],
        ),
    ],
    ids=["all", "columns", "delete", "no delete", "soft", "update", "insert", "predicate"],
)
def test_merge_rules(tables: Tables, rules: dict[str, Any], expected: Rows, method: str) -> None:
    assert merge(tables, NEW, method=method, **rules) == expected


def test_a_method_that_is_none_is_refused(tables: Tables) -> None:
    with pytest.raises(StorageError, match="the merge method is 'magic'"):
        merge(tables, NEW, method="magic")


def test_a_merge_reads_and_replaces_only_the_files_it_touches(tables: Tables) -> None:
    for start in range(0, 100, 10):
        write(
            tables,
            f"select i::bigint as id, 'old' as name from range({start}, {start + 10}) r(i)",
            WriteMode.APPEND if start else WriteMode.OVERWRITE,
        )
    result = write(tables, "select 55::bigint as id, 'new' as name", WriteMode.MERGE, keys=("id",))
    assert (result.operation, result.reason) == ("merge", "1 rows in 1 of 10 files have a new key")
    log = tables.log(result.version)
    assert len([entry for entry in log if "remove" in entry]) == 1
    assert len(rows(tables)) == 100
    result = write(tables, "select 500::bigint as id, 'new' as name", WriteMode.MERGE, keys=("id",))
    assert result.operation == "append"
    assert result.reason == "statistics: none of 10 files can hold a new key"


def test_where_every_file_looked_into_has_a_new_key_the_rest_are_taken_to(tables: Tables) -> None:
    for start in range(0, 160, 10):
        write(
            tables,
            f"select i::bigint as id, 'old' as name from range({start}, {start + 10}) r(i)",
            WriteMode.APPEND if start else WriteMode.OVERWRITE,
        )
    new = "select i::bigint as id, 'new' as name from range(0, 160, 10) r(i) where i <> 150"
    result = write(tables, new, WriteMode.MERGE, keys=("id",))
    assert result.operation == "merge"
    assert result.reason == "15 of 16 files may have a new key, all 4 looked into do"
    expected = [(i, "new" if i % 10 == 0 and i != 150 else "old") for i in range(160)]
    assert rows(tables) == expected


def test_a_bound_cut_to_milliseconds_hides_no_file(tables: Tables) -> None:
    query = "select timestamptz '2024-01-01 10:00:00.123456Z' as id, 'old' as name"
    write(tables, query, WriteMode.OVERWRITE)
    log = tables.path() / "_delta_log" / f"{0:020d}.json"
    moment = '\\"id\\":\\"2024-01-01T10:00:00.123Z\\"'
    cut = '\\"minValues\\":{' + moment + '},\\"maxValues\\":{' + moment + "}"
    text = re.sub(
        r'\\"minValues\\": ?{.*?},\s*\\"maxValues\\": ?{.*?}', lambda _: cut, log.read_text()
    )
    assert moment in text
    log.write_text(text)
    write(tables, query.replace("old", "new"), WriteMode.MERGE, keys=("id",))
    assert [name for _, name in rows(tables)] == ["new"]


def test_deleting_by_key_and_inserting_takes_repeated_and_null_keys(tables: Tables) -> None:
    query = "select 1::bigint as id, 'a' as name, true as gone union all select 1, 'b', true"
    query += " union all select null, 'c', true"
    expected = [OLD[0], (1, "a", True), (1, "b", True), OLD[2], OLD[3], (None, "c", True)]
    assert merge(tables, query, is_by_row=False) == expected


PARTS = "select i::bigint as id, ['a', 'b', null][i % 3 + 1] as part from range(6) r(i)"
BY_PART = TableSpec(partition_by=("part",))


def test_replace_partitions_replaces_those_of_the_new_rows(tables: Tables) -> None:
    write(tables, PARTS, WriteMode.OVERWRITE, spec=BY_PART)
    new = "select 90::bigint as id, 'a' as part union all select 91, null union all select 92, 'z'"
    result = write(tables, new, WriteMode.REPLACE_PARTITIONS)
    assert rows(tables) == [(1, "b"), (4, "b"), (90, "a"), (91, None), (92, "z")]
    assert result.reason == "2 of 3 files are in the new rows' partitions"


def test_replace_partitions_needs_partitions(tables: Tables) -> None:
    write(tables, PARTS, WriteMode.OVERWRITE)
    with pytest.raises(StorageError, match="has no partitions to replace"):
        write(tables, PARTS, WriteMode.REPLACE_PARTITIONS)


@pytest.mark.parametrize("spec", [TableSpec(), BY_PART], ids=["plain", "partitioned"])
def test_replace_where_replaces_the_rows_that_a_predicate_means(
    tables: Tables, spec: TableSpec
) -> None:
    write(tables, PARTS, WriteMode.OVERWRITE, spec=spec)
    new = "select 9::bigint as id, 'a' as part"
    write(tables, new, WriteMode.REPLACE_WHERE, replace_where="id >= 2 and id < 5")
    assert rows(tables) == [(0, "a"), (1, "b"), (5, None), (9, "a")]


WIDER = "select 7::bigint as id, 'new' as name, 1.5 as extra"


@pytest.mark.parametrize(
    ("policy", "columns", "expected"),
    [
        (SchemaChange.APPEND_NEW_COLUMNS, ["id", "name", "gone", "extra"], 5),
        (SchemaChange.SYNC_ALL_COLUMNS, ["id", "name", "extra"], 5),
    ],
)
@pytest.mark.parametrize("mode", [WriteMode.APPEND, WriteMode.MERGE])
def test_other_columns_are_taken_in(
    tables: Tables, policy: SchemaChange, columns: list[str], expected: int, mode: WriteMode
) -> None:
    write(tables, BASE, WriteMode.OVERWRITE)
    result = write(tables, WIDER, mode, keys=("id",), schema_change=policy)
    assert result.operation == "rewrite"
    found = tables.connection.execute(f"describe from delta_scan('{tables.path()}')").fetchall()
    assert [row[0] for row in found] == columns
    assert len(rows(tables)) == expected


def test_columns_that_are_ignored_stay_away(tables: Tables) -> None:
    write(tables, BASE, WriteMode.OVERWRITE)
    query = "select 7::integer as id, true as gone, 'new' as name, 1.5 as extra"
    write(tables, query, WriteMode.APPEND, schema_change=SchemaChange.IGNORE)
    assert (7, "new", True) in rows(tables)


def test_a_missing_column_is_refused_where_changes_are_ignored(tables: Tables) -> None:
    write(tables, BASE, WriteMode.OVERWRITE)
    with pytest.raises(StorageError, match="lack the columns gone"):
        write(tables, WIDER, WriteMode.APPEND, schema_change=SchemaChange.IGNORE)


def test_types_follow_where_columns_are_kept_in_step(tables: Tables) -> None:
    write(tables, "select 1::integer as id", WriteMode.OVERWRITE)
    query = "select 5000000000::bigint as id"
    write(tables, query, WriteMode.APPEND, schema_change=SchemaChange.SYNC_ALL_COLUMNS)
    assert rows(tables) == [(1,), (5_000_000_000,)]


@pytest.mark.parametrize("mode", [WriteMode.OVERWRITE, WriteMode.APPEND, WriteMode.MERGE])
def test_the_same_write_twice_is_written_once(tables: Tables, mode: WriteMode) -> None:
    write(tables, BASE, WriteMode.OVERWRITE)
    new = "select 9::bigint as id, 'new' as name, true as gone"
    first = write(tables, new, mode, keys=("id",), transaction="run-1:model:1")
    again = write(tables, new, mode, keys=("id",), transaction="run-1:model:1")
    assert again == WriteResult(first.version, first.rows, 0, "none")
    other = write(tables, new, WriteMode.APPEND, transaction="run-2:model:1")
    assert other.version == first.version + 1


def test_shared_appends_come_one_after_another(tables: Tables) -> None:
    write(tables, "select 0::bigint as id", WriteMode.OVERWRITE)

    def append(number: int) -> None:
        with open_connection(threads="1") as connection:
            for each in range(5):
                query = f"(select {number * 100 + each}::bigint as id)"
                request = WriteRequest(
                    tables.path(), "t", query, WriteMode.APPEND, 0, lambda: None, is_shared=True
                )
                write_table(connection, request)

    threads = [threading.Thread(target=append, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [(0,)] + [(n * 100 + each,) for n in range(1, 5) for each in range(5)]
    assert rows(tables) == expected


@pytest.mark.parametrize("mode", [WriteMode.MERGE, WriteMode.REPLACE_WHERE])
def test_a_shared_table_still_refuses_what_depends_on_others_rows(
    tables: Tables, mode: WriteMode
) -> None:
    write(tables, BASE, WriteMode.OVERWRITE)
    calls: list[Path] = []

    def intrude() -> None:
        if not calls:
            calls.append(tables.path())
            write(tables, BASE, WriteMode.APPEND)

    request = WriteRequest(
        tables.path(), "gold.t", f"({NEW})", mode, 0, intrude, ("id",), "",
        replace_where="id = 1", is_shared=True,
    )  # fmt: skip
    with pytest.raises(ConcurrentWrite, match="another writer committed"):
        write_table(tables.connection, request)
    assert len(rows(tables)) == 8
