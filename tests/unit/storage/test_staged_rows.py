"""Rows staged once, and tables that take in those of their files without an exception."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from delta_tables import Rows, Tables
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.errors import StorageError
from assay.storage import (
    StagedRows,
    TableSpec,
    WriteMode,
    WriteRequest,
    WriteResult,
    current_version,
    open_connection,
    stage_rows,
    write_table,
)

# Ten rows, of which 3 and 7 are flagged, in chunks of four: files of 0-3, 4-7 and 8-9.
STEP = (
    "(select i::bigint as id, 'new' as name,"
    " case when i in (3, 7) then ['why'] end as note, i in (3, 7) as is_bad from range(10) r(i))"
)


def stage(tables: Tables, relation: str = STEP, chunk: str = "id // 4") -> StagedRows:
    folder = tables.folder / "step"
    return stage_rows(tables.connection, relation, folder, "is_bad", chunk, beside=("note",))


def take(
    tables: Tables,
    staged: StagedRows,
    exceptions: str,
    mode: WriteMode = WriteMode.APPEND,
    base: int | None = None,
    spec: TableSpec | None = None,
) -> WriteResult:
    """Write the step's rows without the exceptions, as a model's query would say it."""
    ready = staged.files_without(tables.connection, f"({exceptions})", ["id"])
    relation = (
        f"(select id, name from ({staged.relation(without=ready)})"
        f" anti join ({exceptions}) using (id))"
    )
    path = tables.path()
    keys = ("id",) if mode is WriteMode.MERGE else ()
    request = WriteRequest(
        path, "silver.t", relation, mode, base, lambda: None, keys, spec=spec or TableSpec(),
        ready=ready,
    )  # fmt: skip
    return write_table(tables.connection, request)


def ids(tables: Tables) -> list[object]:
    version = current_version(tables.path())
    assert version is not None
    return [row[0] for row in tables.read(version)]


def staged_files(tables: Tables) -> set[int]:
    return {path.stat().st_ino for path in (tables.folder / "step").rglob("*.parquet")}


def taken_files(tables: Tables) -> int:
    """Count the table's files that are the very ones of the step."""
    table = DeltaTable(str(tables.path()))
    return sum(Path(path).stat().st_ino in staged_files(tables) for path in table.file_uris())


BAD = "select unnest([3, 7]) as id"


def test_a_step_has_all_its_rows_with_their_flag(tables: Tables) -> None:
    staged = stage(tables)
    found = tables.connection.execute(f"from ({staged.relation()}) order by id").fetchall()
    assert found == tables.connection.execute(f"from {STEP} order by id").fetchall()
    assert [len(staged.plain.files.actions), len(staged.flagged.actions)] == [3, 1]


@pytest.mark.parametrize("flag", ["true", "false", "null"])
def test_a_step_of_one_kind_or_of_no_row_is_whole(tables: Tables, flag: str) -> None:
    rows = f"(select i::bigint as id, 'n' as name, {flag}::boolean as is_bad from range(3) r(i))"
    staged = stage(tables, rows)
    expected = [(i, "n", flag == "true") for i in range(3)]
    assert tables.connection.sql(f"from ({staged.relation()}) order by id").fetchall() == expected
    nothing = stage(tables, f"(from {rows} where false)")
    assert tables.connection.sql(f"from ({nothing.relation()})").fetchall() == []
    assert take(tables, nothing, "select 1 as id").rows == 0


@pytest.mark.parametrize(
    ("exceptions", "kept", "taken"),
    [
        (BAD, [0, 1, 2, 4, 5, 6, 8, 9], 3),
        (f"{BAD} union all select 9", [0, 1, 2, 4, 5, 6, 8], 2),
        ("select unnest(range(10)) as id", [], 0),
        (f"{BAD} union all select 99", [0, 1, 2, 4, 5, 6, 8, 9], 3),
    ],
    ids=["flagged rows only", "a row of one file", "every row", "a row of elsewhere"],
)
def test_files_without_an_exception_become_the_tables(
    tables: Tables, exceptions: str, kept: list[int], taken: int
) -> None:
    result = take(tables, stage(tables), exceptions)
    assert ids(tables) == kept
    assert (result.rows, result.rows_written) == (len(kept), len(kept))
    assert taken_files(tables) == taken
    assert [name for name, _ in columns(tables)] == ["id", "name"]


def columns(tables: Tables) -> list[tuple[str, object]]:
    return [(field.name, field.type) for field in DeltaTable(str(tables.path())).schema().fields]


def test_taken_files_are_the_tables_own_once_the_step_is_gone(tables: Tables) -> None:
    take(tables, stage(tables), BAD)
    stage(tables)  # empties the folder first
    assert ids(tables) == [0, 1, 2, 4, 5, 6, 8, 9]
    assert sum(int(str(each["numRecords"])) for each in tables.statistics()) == 8


def test_other_engines_leave_out_what_files_hold_beside_the_tables_columns(tables: Tables) -> None:
    take(tables, stage(tables), BAD)
    path = str(tables.path())
    assert DeltaTable(path).to_pyarrow_table().column_names == ["id", "name"]
    found = pl.read_delta(path)
    assert (found.columns, found.height) == (["id", "name"], 8)


def test_a_negative_zero_is_found_in_taken_files(tables: Tables) -> None:
    rows = (
        "(select i::bigint as id, case when i % 2 = 0 then -0.0::double else 1.5 end as x,"
        " i = 1 as is_bad from range(5000) r(i))"
    )
    take_all = stage(tables, rows, "0")
    request = WriteRequest(
        tables.path(), "silver.t", f"(select id, x from ({take_all.relation(take_all.plain)})"
        " where false)", WriteMode.APPEND, None, lambda: None, ready=take_all.plain,
    )  # fmt: skip
    result = write_table(tables.connection, request)
    assert len(tables.read(result.version, where="x = 0")) == 2500


def test_taken_files_are_added_to_what_is_there(tables: Tables) -> None:
    tables.write("select 100::bigint as id, 'old' as name")
    result = take(tables, stage(tables), BAD, base=0)
    assert ids(tables) == [0, 1, 2, 4, 5, 6, 8, 9, 100]
    assert (result.operation, result.rows_written) == ("append", 8)


@pytest.mark.parametrize(
    ("old", "method"), [("range(2, 6)", "rewrite"), ("range(50, 52)", "append")]
)
def test_taken_files_take_part_in_a_merge(tables: Tables, old: str, method: str) -> None:
    tables.write(f"select i::bigint as id, 'old' as name from {old} r(i)")
    result = take(tables, stage(tables), f"{BAD} union all select 9", WriteMode.MERGE, 0)
    before = [i for (i,) in tables.connection.sql(f"from {old}").fetchall()]
    after = dict.fromkeys(before, "old") | dict.fromkeys([0, 1, 2, 4, 5, 6, 8], "new")
    expected: Rows = sorted(after.items())
    assert tables.read(result.version) == expected
    assert (result.operation, result.rows_written, taken_files(tables)) == (method, 7, 2)


@pytest.mark.parametrize(
    "spec",
    [
        TableSpec(partition_by=("name",)),
        TableSpec(cluster_by=("name",)),
        TableSpec(codec="zstd"),
    ],
    ids=["partitions", "sorted", "codec"],
)
def test_a_table_of_another_layout_writes_the_rows_itself(tables: Tables, spec: TableSpec) -> None:
    assert take(tables, stage(tables), BAD, spec=spec).rows == 8
    assert ids(tables) == [0, 1, 2, 4, 5, 6, 8, 9]
    assert taken_files(tables) == 0


@pytest.mark.parametrize(
    "spec", [TableSpec(not_null=("id",), checks={"small": "id < 9"})], ids=["check"]
)
def test_a_constraint_holds_for_taken_files_too(tables: Tables, spec: TableSpec) -> None:
    with pytest.raises(StorageError, match=r"small: id < 9 \(1 rows\)"):
        take(tables, stage(tables), BAD, spec=spec)
    assert current_version(tables.path()) is None
    assert list(tables.path().glob("*.parquet")) == []


def test_other_columns_than_the_tables_are_refused(tables: Tables) -> None:
    tables.write("select 1::integer as id, 'old' as name")
    with pytest.raises(StorageError, match=r"columns of silver\.t have changed"):
        take(tables, stage(tables), BAD, base=0)
    assert ids(tables) == [1]


def test_files_are_copied_where_they_cannot_be_linked(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    take(tables, stage(tables), BAD)
    assert ids(tables) == [0, 1, 2, 4, 5, 6, 8, 9]
    assert taken_files(tables) == 0


@given(
    there=st.sets(st.integers(0, 30)),
    new=st.dictionaries(st.integers(0, 30), st.booleans()),
    outs=st.sets(st.integers(0, 30)),
    mode=st.sampled_from([WriteMode.OVERWRITE, WriteMode.MERGE]),
    width=st.integers(1, 40),
)
@settings(max_examples=40)
def test_any_rows_are_taken_in_once(
    tmp_path_factory: pytest.TempPathFactory,
    there: set[int],
    new: dict[int, bool],
    outs: set[int],
    mode: WriteMode,
    width: int,
) -> None:
    folder: Path = tmp_path_factory.mktemp("lake")
    with open_connection("", "") as connection:
        tables = Tables(folder, connection)
        tables.write(f"select unnest({sorted(there)}::bigint[]) as id, 'old' as name")
        rows = (
            f"(select unnest({list(new)}::bigint[]) as id, 'new' as name,"
            f" unnest({list(new.values())}::boolean[]) as is_bad)"
        )
        staged = stage(tables, rows, f"id // {width}")
        out = outs | {each for each, is_bad in new.items() if is_bad}
        take(tables, staged, f"select unnest({sorted(out)}::bigint[]) as id", mode, 0)
        kept = set(new) - out
        assert ids(tables) == sorted(kept | (there if mode is WriteMode.MERGE else set()))
