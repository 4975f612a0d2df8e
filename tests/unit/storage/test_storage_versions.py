"""Versions: current, counted, restored; and errors that say what is not there."""

from __future__ import annotations

import pytest
from delta_tables import Tables

from assay.domain import TableRef
from assay.errors import ConcurrentWrite, RunSuperseded, SettingsError, StorageError
from assay.storage import (
    WriteMode,
    current_version,
    open_connection,
    open_table,
    restore,
    row_count,
    size_bytes,
    table_path,
)


def nothing() -> None:
    return None


def test_table_path(tables: Tables) -> None:
    path = table_path(tables.folder, TableRef.parse("gold.fct_flights"))
    assert path == tables.folder / "tables" / "gold" / "fct_flights"


def test_current_version(tables: Tables) -> None:
    assert current_version(tables.path()) is None
    tables.path().mkdir()
    assert current_version(tables.path()) is None
    tables.write("select 1 as id")
    tables.write("select 2 as id", WriteMode.APPEND, 0)
    assert current_version(tables.path()) == 1


def test_rows_and_bytes_are_of_the_version_asked_for(tables: Tables) -> None:
    tables.write("select 1 as id")
    tables.write("select i::int as id from range(5) r(i)", WriteMode.APPEND, 0)
    assert [row_count(tables.path(), version) for version in (0, 1)] == [1, 6]
    sizes = [file.stat().st_size for file in tables.path().glob("*.parquet")]
    assert size_bytes(tables.path(), 1) == sum(sizes)


def test_an_unknown_version_or_table_says_which(tables: Tables) -> None:
    tables.write("select 1 as id")
    with pytest.raises(StorageError, match="the Delta table t at version 7 cannot be opened"):
        open_table(tables.path(), 7)
    with pytest.raises(StorageError, match="the Delta table none cannot be opened"):
        open_table(tables.path("none"))


def test_restore_makes_an_earlier_version_the_newest(tables: Tables) -> None:
    tables.write("select 1 as id")
    tables.write("select 'x' as name")
    assert restore(tables.path(), 0, nothing) == 2
    assert tables.read(2) == [(1,)]
    assert tables.operation(2) == "restore"
    assert restore(tables.path(), 2, nothing) == 2
    # What a write builds on is the restored version.
    assert tables.write("select 2 as id", WriteMode.APPEND, 2).rows == 2


def test_restore_asks_its_guard_only_where_it_commits(tables: Tables) -> None:
    def refuse() -> None:
        raise RunSuperseded("a newer run has started")

    tables.write("select 1 as id")
    assert restore(tables.path(), 0, refuse) == 0
    tables.write("select 2 as id")
    with pytest.raises(RunSuperseded):
        restore(tables.path(), 0, refuse)
    assert current_version(tables.path()) == 1


def test_restore_conflicts_with_another_writer(tables: Tables) -> None:
    tables.write("select 1 as id")
    tables.write("select 2 as id")
    with pytest.raises(ConcurrentWrite, match="another writer committed to t first"):
        restore(tables.path(), 0, lambda: tables.write("select 3 as id") and None)
    assert tables.read(2) == [(3,)]


def test_a_version_whose_files_are_gone_cannot_be_restored(tables: Tables) -> None:
    tables.write("select 1 as id")
    for file in tables.path().glob("*.parquet"):
        file.unlink()
    tables.write("select 2 as id")
    with pytest.raises(StorageError, match="t cannot go back to version 0"):
        restore(tables.path(), 0, nothing)


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (("lots", ""), "ASSAY_MEMORY_LIMIT is 'lots': expected an amount such as 4GB"),
        (("", "many"), "ASSAY_THREADS is 'many': expected a whole number above zero"),
        (("", "0"), "ASSAY_THREADS is '0': expected a whole number above zero"),
    ],
    ids=["memory", "threads", "no thread"],
)
def test_a_limit_that_cannot_be_read_names_its_setting(
    limit: tuple[str, str], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        open_connection(*limit)
    assert caught.value.what == message


def test_a_connection_keeps_utc() -> None:
    with open_connection(memory_limit="1GB", threads="1") as connection:
        settings = connection.execute(
            "select current_setting('TimeZone'), current_setting('threads')"
        ).fetchone()
    assert settings == ("UTC", 1)
