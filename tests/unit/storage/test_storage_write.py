"""Writes: what stands afterwards, what was done, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from delta_tables import Tables

from assay.errors import ConcurrentWrite, RunSuperseded, StorageError
from assay.storage import WriteMode, WriteResult, column_types, current_version, row_count

APPEND, MERGE, OVERWRITE = WriteMode.APPEND, WriteMode.MERGE, WriteMode.OVERWRITE
TEN = "select i::bigint as id, 'old' as name from range(10) r(i)"


def row(key: str, name: str) -> str:
    return f"select {key}::bigint as id, '{name}' as name"


def data_files(tables: Tables) -> list[Path]:
    return sorted(tables.path().glob("*.parquet"))


def test_the_first_write_makes_the_table(tables: Tables) -> None:
    assert tables.write(row("1", "a")) == WriteResult(0, 1, 1, "overwrite")
    assert tables.read(0) == [(1, "a")]


def test_an_overwrite_replaces_every_row_and_may_change_the_columns(tables: Tables) -> None:
    tables.write(row("1", "a"))
    assert tables.write("select 2 as n", OVERWRITE, base=0) == WriteResult(1, 1, 1, "overwrite")
    assert tables.read(1) == [(2,)]
    assert tables.read(0) == [(1, "a")]


def test_an_append_adds_rows(tables: Tables) -> None:
    tables.write(row("1", "a"))
    assert tables.write(row("2", "b"), APPEND, base=0) == WriteResult(1, 2, 1, "append")
    assert tables.read(1) == [(1, "a"), (2, "b")]


def test_an_append_of_no_rows_commits_nothing(tables: Tables) -> None:
    tables.write(row("1", "a"))
    result = tables.write(row("2", "b") + " where false", APPEND, base=0)
    assert result == WriteResult(0, 1, 0, "append")
    assert len(data_files(tables)) == 1


def test_without_a_base_an_append_starts_from_nothing(tables: Tables) -> None:
    tables.write(row("1", "a"))
    assert tables.write(row("2", "b"), APPEND, base=None) == WriteResult(1, 1, 1, "overwrite")
    assert tables.read(1) == [(2, "b")]


def test_a_merge_of_new_keys_is_an_append(tables: Tables) -> None:
    tables.write(TEN)
    result = tables.write(row("10", "new"), MERGE, base=0, keys=("id",))
    assert result == WriteResult(1, 11, 1, "append")


def test_a_merge_of_few_keys_merges(tables: Tables) -> None:
    tables.write(TEN)
    new = f"{row('3', 'new')} union all {row('10', 'new')}"
    assert tables.write(new, MERGE, base=0, keys=("id",)) == WriteResult(1, 11, 2, "merge")
    assert tables.read(1) == [(i, "new" if i in (3, 10) else "old") for i in range(11)]


def test_a_merge_of_many_keys_rewrites_the_table(tables: Tables) -> None:
    tables.write(TEN)
    new = "select i::bigint as id, 'new' as name from range(7, 12) r(i)"
    assert tables.write(new, MERGE, base=0, keys=("id",)) == WriteResult(1, 12, 5, "rewrite")
    assert tables.read(1) == [(i, "new" if i >= 7 else "old") for i in range(12)]
    assert tables.operation(1) == "rewrite"


@pytest.mark.parametrize(("count", "operation"), [(2, "merge"), (3, "rewrite")])
def test_a_quarter_of_the_rows_is_where_a_rewrite_begins(
    tables: Tables, count: int, operation: str
) -> None:
    tables.write(TEN)
    new = f"select i::bigint as id, 'new' as name from range({count}) r(i)"
    assert tables.write(new, MERGE, base=0, keys=("id",)).operation == operation


@pytest.mark.parametrize("size", [4, 40], ids=["rewrite", "merge"])
def test_a_merge_by_two_odd_keys_in_another_column_order(tables: Tables, size: int) -> None:
    tables.write(f"""select i as "Order", 'x' as "a ""b'", 'old' as v from range({size}) r(i)""")
    new = """select 'new' as v, 'x' as "a ""b'", 1::bigint as "Order" """
    new += """union all select 'new', 'y', 1"""
    result = tables.write(new, MERGE, base=0, keys=("Order", "a \"b'"))
    assert result.rows == size + 1
    assert tables.read(1, where="v = 'new'") == [(1, "x", "new"), (1, "y", "new")]


def test_a_merge_of_no_rows_changes_nothing(tables: Tables) -> None:
    tables.write(TEN)
    result = tables.write(TEN + " where false", MERGE, base=0, keys=("id",))
    assert result == WriteResult(0, 10, 0, "append")


def test_a_merge_without_a_key_is_refused(tables: Tables) -> None:
    tables.write(TEN)
    with pytest.raises(StorageError, match=r"gold\.t is to be merged but has no key"):
        tables.write(TEN, MERGE, base=0)


def test_a_merge_with_null_or_repeated_keys_is_refused(tables: Tables) -> None:
    tables.write(TEN)
    keys = ["null", "null", "1", "1", "2", "2", "3"]
    new = " union all ".join(row(key, "new") for key in keys)
    with pytest.raises(StorageError) as caught:
        tables.write(new, MERGE, base=0, keys=("id",))
    # Null keys stand more than once too, as one group.
    assert caught.value.what == (
        'gold.t cannot be merged: 2 new rows lack a key and 3 keys stand more than once, in "id"'
    )
    assert current_version(tables.path()) == 0


def test_an_empty_result_keeps_the_schema(tables: Tables) -> None:
    query = "select 1::decimal(10, 2) as price, now() as at, [1] as list where false"
    assert tables.write(query) == WriteResult(0, 0, 0, "overwrite")
    assert tables.read(0) == []
    assert row_count(tables.path(), 0) == 0
    assert column_types(tables.path(), 0) == [
        ("price", "decimal(10,2)"),
        ("at", "timestamp"),
        ("list", "array"),
    ]
    assert data_files(tables) == []
    more = "select 2.50::decimal(10, 2) as price, current_timestamp as at, [2] as list"
    assert tables.write(more, APPEND, base=0).rows == 1


def test_values_come_back_as_they_were(tables: Tables) -> None:
    tables.write(
        """select
            9007199254740993::bigint as big,
            (-128)::tinyint as tiny,
            0.1::double as real,
            1.10::decimal(10, 2) as price,
            -123456789012345678901234567890.12::decimal(38, 2) as sum,
            'a''"b\\' || chr(10) || '🦆' as text,
            '' as empty,
            null::varchar as missing,
            false as flag,
            date '0001-01-01' as day,
            timestamp '2013-03-10 02:30:00.123456' as local,
            timestamptz '2013-11-03 01:30:00-05' as instant,
            'ab'::blob as bytes,
            {'x': [1, null]} as nested,
            map {'k': 1.5::decimal(3, 1)} as pairs"""
    )
    assert tables.read(0) == [
        (
            9007199254740993,
            -128,
            0.1,
            Decimal("1.10"),
            Decimal("-123456789012345678901234567890.12"),
            "a'\"b\\\n🦆",
            "",
            None,
            False,
            date(1, 1, 1),
            datetime(2013, 3, 10, 2, 30, 0, 123456),
            datetime(2013, 11, 3, 6, 30, tzinfo=UTC),
            b"ab",
            {"x": [1, None]},
            {"k": Decimal("1.5")},
        )
    ]
    types = dict(column_types(tables.path(), 0))
    assert types["local"] == "timestamp_ntz"
    assert types["instant"] == "timestamp"


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        'x"y',
        "Größe",
        "a,b;c",
        "{a}(b)=c",
        "select",
        "it's",
        "%s",
        "a\nb",
        "$x",
    ],
)
def test_odd_column_names_are_kept(tables: Tables, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    tables.write(f"select i::bigint as {quoted}, 'old' as v from range(9) r(i)")
    tables.write(f"select 1::bigint as {quoted}, 'new' as v", MERGE, base=0, keys=(name,))
    assert tables.read(1, where="v = 'new'") == [(1, "new")]
    assert column_types(tables.path(), 1)[0] == (name, "long")
    assert tables.statistics(0)[0]["minValues"] == {name: 0, "v": "old"}


@pytest.mark.parametrize("name", ["a.b", "a`b"])
def test_names_that_readers_cannot_ask_for_are_refused(tables: Tables, name: str) -> None:
    with pytest.raises(StorageError) as caught:
        tables.write(f'select 1 as "{name}"')
    assert caught.value.what == f'gold.t has a column that no reader can filter by: "{name}"'
    assert current_version(tables.path()) is None


@pytest.mark.parametrize("mode", [APPEND, MERGE])
def test_changed_columns_are_refused_in_prose(tables: Tables, mode: WriteMode) -> None:
    tables.write("select 1::bigint as id, [1] as list, 'a' as gone")
    with pytest.raises(StorageError) as caught:
        tables.write(
            "select current_date as id, [{'x': 1.5}] as list, 1 as fresh", mode, 0, ("id",)
        )
    assert caught.value.what == (
        "the columns of gold.t have changed:"
        ' "fresh" (integer) is new;'
        ' "gone" (string) is gone;'
        ' "id" was long and is date;'
        ' "list" was array of integer and is array of struct (x decimal(2,1))'
    )
    assert current_version(tables.path()) == 0


def test_reads_are_pinned_to_a_version(tables: Tables) -> None:
    tables.write(row("1", "a"))
    tables.write(row("2", "b"), APPEND, base=0)
    tables.write(row("3", "c"), OVERWRITE, base=1)
    assert [tables.read(version) for version in range(3)] == [
        [(1, "a")],
        [(1, "a"), (2, "b")],
        [(3, "c")],
    ]


class Superseded:
    """A guard that says no, and counts how often it was asked."""

    def __init__(self, allowed: int = 0) -> None:
        self.asked = 0
        self._allowed = allowed

    def __call__(self) -> None:
        self.asked += 1
        if self.asked > self._allowed:
            raise RunSuperseded("a newer run has started")


@pytest.mark.parametrize(
    ("mode", "ids"),
    [(OVERWRITE, 1), (APPEND, 1), (MERGE, 1), (MERGE, 9)],
    ids=["overwrite", "append", "merge", "rewrite"],
)
def test_the_guard_is_asked_before_a_commit(tables: Tables, mode: WriteMode, ids: int) -> None:
    tables.write(TEN)
    guard = Superseded()
    with pytest.raises(RunSuperseded):
        new = f"select i::bigint as id, 'new' as name from range({ids}) r(i)"
        tables.write(new, mode, base=0, keys=("id",), guard=guard)
    assert guard.asked == 1
    assert current_version(tables.path()) == 0


@pytest.mark.parametrize(
    ("mode", "ids"),
    [(OVERWRITE, 1), (APPEND, 1), (MERGE, 1), (MERGE, 9)],
    ids=["overwrite", "append", "merge", "rewrite"],
)
def test_the_other_of_two_writers_conflicts(tables: Tables, mode: WriteMode, ids: int) -> None:
    """The other writer commits between this one's reading and its commit."""
    tables.write(TEN)

    def intrude() -> None:
        tables.write(row("5", "theirs"), MERGE, base=0, keys=("id",))

    new = f"select i::bigint as id, 'ours' as name from range({ids}) r(i)"
    with pytest.raises(ConcurrentWrite, match=r"another writer committed to gold\.t first"):
        tables.write(new, mode, base=0, keys=("id",), guard=intrude)
    assert (5, "theirs") in tables.read(1)
    assert current_version(tables.path()) == 1


@pytest.mark.parametrize("mode", [APPEND, MERGE])
def test_a_base_that_is_not_the_newest_version_conflicts(tables: Tables, mode: WriteMode) -> None:
    tables.write(TEN)
    tables.write(row("10", "theirs"), APPEND, base=0)
    with pytest.raises(ConcurrentWrite, match="its newest version is 1, not 0"):
        tables.write(row("11", "ours"), mode, base=0, keys=("id",))
    assert tables.read(1, where="id > 9") == [(10, "theirs")]


@pytest.mark.parametrize(
    ("values", "is_listed"), [(16_000, True), (20_000, False)], ids=["few values", "many values"]
)
def test_values_that_recur_often_are_stored_once_a_row_group(
    tables: Tables, values: int, is_listed: bool
) -> None:
    tables.write(f"select range % {values} as n from range(120_000)")
    (encodings,) = tables.connection.execute(
        f"select distinct encodings from parquet_metadata('{tables.path()}/*.parquet')"
    ).fetchall()
    assert ("DICTIONARY" in encodings[0]) is is_listed
