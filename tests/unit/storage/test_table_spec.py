"""A table's settings: obeyed on every write, recorded where other engines look."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from delta_tables import Tables
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from assay.errors import StorageError
from assay.storage import (
    MergeRules,
    TableSpec,
    WriteMode,
    WriteRequest,
    WriteResult,
    current_version,
    write_table,
)

ROWS = "select i::bigint as id, 'p' || (i % 3) as part, i * 1.5 as amount from range(9) r(i)"


def write(
    tables: Tables,
    query: str,
    spec: TableSpec,
    mode: WriteMode = WriteMode.OVERWRITE,
    keys: tuple[str, ...] = (),
    merge: MergeRules | None = None,
) -> WriteResult:
    path = tables.path()
    request = WriteRequest(
        path=path,
        table="gold.t",
        relation=f"({query})",
        mode=mode,
        base_version=current_version(path),
        guard=lambda: None,
        keys=keys,
        spec=spec,
        merge=merge or MergeRules(),
    )
    return write_table(tables.connection, request)


def test_partitions_hold_odd_values_and_null(tables: Tables) -> None:
    values = ["a b", "ü/=%x", "A", "a", "p=1", "x:y", "%20", "..", "née"]
    rows = [f"select {i} as id, '{value}' as part" for i, value in enumerate(values)]
    spec = TableSpec(partition_by=("part",))
    write(tables, " union all ".join([*rows, "select 99, null"]), spec)
    expected = sorted([*enumerate(values), (99, None)])
    assert tables.read(0) == expected
    delta_rs = DeltaTable(str(tables.path())).to_pyarrow_table().to_pylist()
    assert sorted((row["id"], row["part"]) for row in delta_rs) == expected


@pytest.mark.parametrize("value", ["''", "'__HIVE_DEFAULT_PARTITION__'"])
def test_a_partition_that_would_read_back_as_null_is_refused(tables: Tables, value: str) -> None:
    with pytest.raises(StorageError, match="readers would take it for NULL"):
        write(tables, f"select 1 as id, {value} as part", TableSpec(partition_by=("part",)))
    assert current_version(tables.path()) is None
    assert list(tables.path().rglob("*.parquet")) == []


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("1.5::double", "double"),
        ("now()", "timestamp"),
        ("'x'::blob", "binary"),
        ("[1]", "array"),
    ],
)
def test_partition_types_that_engines_read_differently_are_refused(
    tables: Tables, query: str, kind: str
) -> None:
    with pytest.raises(StorageError, match=f"cannot be partitioned by part, which is {kind}"):
        write(tables, f"select 1 as id, {query} as part", TableSpec(partition_by=("part",)))


@pytest.mark.parametrize(
    "value",
    ["7::tinyint", "-7::bigint", "1.50::decimal(9, 2)", "date '0012-03-04'", "true", "'x'"],
)
def test_partition_types_come_back(tables: Tables, value: str) -> None:
    write(tables, f"select 1 as id, {value} as part", TableSpec(partition_by=("part",)))
    (expected,) = tables.connection.execute(f"select {value}").fetchone() or ()
    assert tables.read(0) == [(1, expected)]


def test_settings_that_nothing_could_obey_are_refused(tables: Tables) -> None:
    cases = {
        "partition_by of gold.t names columns": TableSpec(partition_by=("nope",)),
        "cluster_by of gold.t names columns": TableSpec(cluster_by=("nope",)),
        "not_null of gold.t names columns": TableSpec(not_null=("nope",)),
        "the codec of gold.t is 'zip'": TableSpec(codec="zip"),
        "the target file size of gold.t is 'big'": TableSpec(file_size="big"),
        "a constraint of gold.t is named 'a b'": TableSpec(checks={"a b": "id > 0"}),
        "partitioned by all of its columns": TableSpec(partition_by=("id", "part", "amount")),
    }
    for message, spec in cases.items():
        with pytest.raises(StorageError, match=message):
            write(tables, ROWS, spec)


def test_clustering_gives_files_disjoint_ranges(tables: Tables) -> None:
    query = "select hash(i) % 1000000 :: bigint as id, repeat(md5(i::varchar), 4) as text"
    query = query.replace("hash(i) % 1000000 :: bigint", "(hash(i) % 1000000)::bigint")
    spec = TableSpec(cluster_by=("id",), file_size="1MB")
    write(tables, f"{query} from range(1000000) r(i)", spec)
    bounds = [
        (entry["minValues"]["id"], entry["maxValues"]["id"])  # type: ignore[index,call-overload]
        for entry in tables.statistics(0)
    ]
    ordered = sorted(bounds)
    assert len(ordered) > 3
    assert all(one[1] <= two[0] for one, two in pairwise(ordered))


@pytest.mark.parametrize("codec", ["zstd", "snappy", "gzip", "lz4_raw", "brotli", "uncompressed"])
def test_codecs(tables: Tables, codec: str) -> None:
    write(tables, ROWS, TableSpec(codec=codec))
    (file,) = tables.path().glob("*.parquet")
    found = duckdb.execute(f"select distinct compression from parquet_metadata('{file}')")
    assert found.fetchall() == [(codec.upper(),)]


def test_metadata_says_what_the_model_says(tables: Tables) -> None:
    spec = TableSpec(
        comments={"id": "the key"},
        description="nine rows",
        properties={"delta.checkpointInterval": "5", "owner": "me"},
    )
    write(tables, ROWS, spec)
    changed = TableSpec(comments={"id": "a key"}, description="rows", properties={"owner": "you"})
    write(tables, ROWS, changed, WriteMode.APPEND)
    table = DeltaTable(str(tables.path()))
    assert table.schema().fields[0].metadata == {"comment": "a key"}
    assert table.metadata().description == "rows"
    assert table.metadata().configuration["owner"] == "you"
    assert table.metadata().configuration["delta.checkpointInterval"] == "5"
    assert len(table.to_pyarrow_table()) == 18
    version = table.version()
    write(tables, ROWS, changed, WriteMode.APPEND)
    assert current_version(tables.path()) == version + 1, "what is said already costs no commit"


CONSTRAINED = TableSpec(not_null=("id",), checks={"positive": "amount >= 0"})
NULL_ID = "select null::bigint as id, 'p0' as part, 1.5::decimal(21, 1) as amount"
NEGATIVE = "select 1::bigint as id, 'p0' as part, -1.5::decimal(21, 1) as amount"


@pytest.mark.parametrize("row", [NULL_ID, NEGATIVE], ids=["null", "check"])
@pytest.mark.parametrize(
    "mode",
    [WriteMode.OVERWRITE, WriteMode.APPEND, WriteMode.MERGE, WriteMode.REPLACE_PARTITIONS],
)
def test_constraints_hold_on_every_path(tables: Tables, mode: WriteMode, row: str) -> None:
    spec = TableSpec(
        not_null=CONSTRAINED.not_null, checks=CONSTRAINED.checks, partition_by=("part",)
    )
    write(tables, ROWS, spec)
    before = current_version(tables.path())
    files = sorted(tables.path().rglob("*.parquet"))
    keys = ("part",) if row == NULL_ID else ("id",)
    with pytest.raises(StorageError, match=r"rows of gold\.t break its constraints"):
        write(tables, row, spec, mode, keys)
    assert current_version(tables.path()) == before
    assert sorted(tables.path().rglob("*.parquet")) == files


def test_a_check_that_is_unknown_is_broken_as_other_writers_have_it(tables: Tables) -> None:
    with pytest.raises(StorageError, match=r"positive: amount >= 0 \(1 rows\)"):
        write(tables, "select 1::bigint as id, null::decimal(3, 1) as amount", CONSTRAINED)


def test_a_check_that_delta_rs_cannot_keep_is_kept_here(
    tables: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    spec = TableSpec(checks={"long": "length(part) > 1"})
    write(tables, ROWS, spec)
    assert "constraint_not_recorded table=gold.t constraint=long" in caplog.text
    for mode in (WriteMode.OVERWRITE, WriteMode.APPEND):
        with pytest.raises(StorageError, match="break its constraints"):
            write(tables, NEGATIVE.replace("'p0'", "'p'"), spec, mode)


def test_constraints_of_the_table_hold_for_writes_that_do_not_name_them(tables: Tables) -> None:
    write(tables, ROWS, CONSTRAINED)
    for row in (NULL_ID, NEGATIVE):
        with pytest.raises(StorageError, match="break its constraints"):
            write(tables, row, TableSpec(), WriteMode.APPEND)


@pytest.mark.parametrize("row", [NULL_ID, NEGATIVE], ids=["null", "check"])
def test_other_writers_honour_the_constraints(tables: Tables, row: str) -> None:
    write(tables, ROWS, CONSTRAINED)
    write(tables, ROWS, CONSTRAINED)
    rows: pa.Table = tables.connection.execute(row).to_arrow_table()
    rows = rows.set_column(2, "amount", rows.column("amount").cast(pa.decimal128(21, 1)))
    with pytest.raises(DeltaError, match="failed validation"):
        write_deltalake(str(tables.path()), rows, mode="append")


def test_a_replacement_keeps_or_changes_constraints(tables: Tables) -> None:
    def found() -> dict[str, str]:
        return {
            key: value
            for key, value in DeltaTable(str(tables.path())).metadata().configuration.items()
            if "constraints" in key or "check." in key
        }

    positive = {
        "delta.constraints.positive": "amount >= '0'::decimal(21, 1)",
        "assay.check.positive": "amount >= 0",
    }
    small = {"delta.constraints.small": "id < 100", "assay.check.small": "id < 100"}
    write(tables, ROWS, CONSTRAINED)
    assert found() == positive
    version = current_version(tables.path()) or 0
    write(tables, ROWS, CONSTRAINED)
    assert found() == positive
    assert current_version(tables.path()) == version + 1
    write(tables, ROWS, TableSpec(checks={"small": "id < 100"}))
    assert found() == small
    write(tables, "select 1 as other", TableSpec())
    assert found() == {}


def test_a_constraint_that_rows_there_break_is_refused(tables: Tables) -> None:
    write(tables, NEGATIVE, TableSpec())
    with pytest.raises(StorageError, match="could not be committed"):
        write(tables, ROWS, CONSTRAINED, WriteMode.APPEND)


def test_a_partitioned_table_with_constraints_keeps_both(tables: Tables, tmp_path: Path) -> None:
    spec = TableSpec(partition_by=("part",), checks={"positive": "amount >= 0"})
    for _ in range(2):
        write(tables, ROWS, spec)
    table = DeltaTable(str(tables.path()))
    assert table.metadata().partition_columns == ["part"]
    assert len(tables.read(table.version())) == 9
