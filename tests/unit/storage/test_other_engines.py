"""Other engines read the same rows, and find the statistics by which they skip files."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pytest
from delta_tables import Rows, Tables
from deltalake import DeltaTable

from assay.storage import TableSpec, WriteMode, WriteRequest, current_version, write_table

QUERY = """
    select i::bigint as id, 'n' || i as name, (i * 1.25)::decimal(12, 2) as amount,
        date '2024-01-01' + i::integer as day, i % 2 = 0 as even, i / 7.0::double as share,
        timestamp '2024-01-01 10:00:00.123456' + interval (i) hour as local,
        timestamptz '2024-01-01 10:00:00.123456Z' + interval (i) hour as instant,
        [i, null] as numbers, {'a': i, 'b': 'x'} as pair, null::varchar as missing,
        ['north', 'south', null][i % 3 + 1] as part
    from range({low}, {high}) r(i)
"""


def write(tables: Tables, low: int, high: int, mode: WriteMode, spec: TableSpec) -> None:
    base = current_version(tables.path())
    query = f"({QUERY.replace('{low}', str(low)).replace('{high}', str(high))})"
    request = WriteRequest(
        tables.path(), "t", query, mode, base, lambda: None, keys=("id",), spec=spec
    )
    write_table(tables.connection, request)


@pytest.fixture(params=["plain", "partitioned", "constrained"])
def spec(request: pytest.FixtureRequest) -> TableSpec:
    return {
        "plain": TableSpec(),
        "partitioned": TableSpec(partition_by=("part",), codec="zstd"),
        "constrained": TableSpec(not_null=("id",), checks={"positive": "id >= 0"}),
    }[str(request.param)]


def rows(table: pa.Table) -> Rows:
    names = sorted(table.column_names)
    found = [tuple(row[name] for name in names) for row in table.select(names).to_pylist()]
    return sorted(found, key=lambda row: row[names.index("id")])


def test_engines_read_equal_rows(tables: Tables, spec: TableSpec) -> None:
    write(tables, 0, 40, WriteMode.OVERWRITE, spec)
    write(tables, 40, 60, WriteMode.APPEND, spec)
    write(tables, 5, 9, WriteMode.MERGE, spec)
    path = str(tables.path())
    duck = rows(tables.connection.execute(f"from delta_scan('{path}')").to_arrow_table())
    assert len(duck) == 60
    assert rows(DeltaTable(path).to_pyarrow_table()) == duck
    assert rows(pl.read_delta(path).to_arrow()) == duck


def test_files_are_skipped_by_statistics(tables: Tables) -> None:
    for low in range(0, 100, 10):
        mode = WriteMode.APPEND if low else WriteMode.OVERWRITE
        write(tables, low, low + 10, mode, TableSpec())
    path = str(tables.path())
    kept = list(tables.path().glob("*.parquet"))
    wanted = tables.statistics(7)
    assert wanted[0]["minValues"] == {
        "id": 70,
        "name": "n70",
        "amount": 87.5,
        "day": "2024-03-11",
        "local": "2024-01-04T08:00:00.123456",
        "instant": "2024-01-04T08:00:00.123456Z",
        "share": 10.0,
        "part": "north",
    } | {key: wanted[0]["minValues"][key] for key in ("even",) if key in wanted[0]["minValues"]}  # type: ignore[index,operator]
    # Files that hold other keys are gone: a reader that did not skip them would fail.
    names = {entry["add"]["path"] for entry in tables.log(7) if "add" in entry}
    for file in kept:
        if file.name not in names:
            file.unlink()
    for key, value in {"id": 75, "day": "date '2024-03-16'"}.items():
        found = tables.connection.execute(
            f"select id from delta_scan('{path}') where {key} = {value}"
        ).fetchall()
        assert found == [(75,)]
    assert pl.scan_delta(path).filter(pl.col("id") == 75).select("id").collect()[
        "id"
    ].to_list() == [75]
    moment = datetime(2024, 1, 4, 13, 0, 0, 123456)
    for column, value in {"local": moment, "instant": moment.replace(tzinfo=UTC)}.items():
        found_by_time = pl.scan_delta(path).filter(pl.col(column) == value).select("id").collect()
        assert found_by_time["id"].to_list() == [75]
    dataset = DeltaTable(path).to_pyarrow_dataset()
    by_time = pa.compute.field("local") == moment
    assert dataset.to_table(columns=["id"], filter=by_time).num_rows == 1
    assert dataset.to_table(columns=["id"], filter=pa.compute.field("id") == 75).num_rows == 1
