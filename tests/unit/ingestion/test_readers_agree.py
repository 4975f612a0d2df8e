"""Landing's count and cells are those that DuckDB reads, or the delivery is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_harness import Landing, make_contract, read_by_duckdb

from assay.domain import Load, LoadStatus, Server
from assay.ingestion import landed_file
from assay.ingestion.inspection import Inspection, inspect
from assay.ingestion.landed_file import DeliveryScan

ODD = {
    "unicode separators": "a,b\n1,\u2028\n\u0085,\u00a0\n",
    "vertical tab and form feed": "a,b\n\x0b,\x0c\n",
    "spaces kept": "a,b\n 1 ,  \n",
    "a comment that is none": "a,b\n#1,2\n--,//\n",
    "texts like null": "a,b\nNULL,NA\nnull,\\N\n",
    "texts like numbers": "a,b\n007,1e3\n1_000,0x1F\n",
    "header with quoted line break": '"a\nx",a,b\n0,1,2\n',
    "long quoted field": 'a,b\n1,"' + 'x""\n' * 40_000 + '"\n',
    "many empty lines": "a,b\n" + "\n" * 50 + "1,2\n" + "\n" * 50,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_files_are_read_alike(landing: Landing, text: str) -> None:
    load = landing.land_one(text.encode())

    rows = read_by_duckdb(landing.lake / load.landed_path, load)
    header, *expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    assert load.status is LoadStatus.LANDED
    assert load.columns == tuple(header)
    assert load.row_count == len(rows)
    assert rows == [tuple(row) for row in expected]


def test_rows_across_buffers_are_read_alike(landing: Landing) -> None:
    """40 MB of rows with quoted line breaks: DuckDB reads them in several buffers at once."""
    path = landing.deliver("orders.csv", b"")
    duckdb.execute(
        "copy (select i as a, case when i % 3 = 0 then 'two' || chr(10) || 'lines, \"' || i"
        " || repeat('é', 20) else 'one line ' || repeat('x', 30) end as b"
        f" from range(800000) t(i)) to '{path}' (format csv, header)"
    )

    (load,) = landing.land()

    rows = read_by_duckdb(landing.lake / load.landed_path, load)
    assert load.row_count == len(rows) == 800_000
    assert [int(row[0]) for row in rows] == list(range(800_000))


def _inspect(path: Path, data: bytes, chunk_bytes: int, columns: tuple[str, ...]) -> Inspection:
    path.write_bytes(data)
    scan = DeliveryScan(",")
    for start in range(0, len(data), chunk_bytes):
        scan.feed(data[start : start + chunk_bytes])
    contract = make_contract(*columns)
    landed = scan.finish(path, is_final_line_break_optional=True)
    return inspect(landed, path.name, contract, Server("files", "", "local"))


PIECES = st.lists(
    st.sampled_from([",", '"', "\n", "\r\n", "\r", " ", "x", "é", '""', "1,2\n", '"x\n"', "\\"]),
    max_size=25,
).map("".join)


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(body=PIECES, is_one_column=st.booleans(), chunk_bytes=st.integers(3, 9))
def test_what_lands_is_read_alike(
    tmp_path: Path, body: str, is_one_column: bool, chunk_bytes: int
) -> None:
    columns = ("a",) if is_one_column else ("a", "b")
    data = (",".join(columns) + "\n" + body).encode()
    path = tmp_path / "orders.csv"

    found = _inspect(path, data, 1 << 20, columns)

    if found.status is LoadStatus.LANDED:
        assert _inspect(path, data, chunk_bytes, columns) == found
        rows = read_by_duckdb(path, _as_load(found))
        text = data.decode()
        assert found.row_count == len(rows)
        assert rows == [tuple(r) for r in csv.reader(io.StringIO(text, newline="")) if r][1:]


def _as_load(found: Inspection) -> Load:
    load: Load = Load.__new__(Load)
    object.__setattr__(load, "columns", found.columns)
    return load


@pytest.mark.parametrize("chunk_bytes", [3, 4, 5, 7, 64])
def test_chunks_do_not_change_what_is_found(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int
) -> None:
    data = '\ufeffa,b\r\n"é\r\n""",2\r\n\r\n3,"𝄞"\r\n'.encode()
    monkeypatch.setattr(landed_file, "_CHUNK_BYTES", chunk_bytes)

    load = landing.land_one(data)

    assert (load.status, load.row_count) == (LoadStatus.LANDED, 2)
    assert len(load.warnings) == 1
    assert landing.bytes_of(load) == data


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows - 1, lambda rows: rows + 1],
    ids=["one row less", "one row more"],
)
def test_two_counts_that_differ_refuse_the_delivery(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, change: Callable[[int], int]
) -> None:
    from assay.ingestion import inspection

    count = inspection.count_rows

    def miscount(*arguments: object, **options: object) -> object:
        counted = count(*arguments, **options)  # type: ignore[arg-type]
        return replace(counted, rows=change(counted.rows))

    monkeypatch.setattr(inspection, "count_rows", miscount)

    load = landing.land_one(b"a,b\n1,2\n3,4\n")

    assert load.status is LoadStatus.REFUSED
    assert "has 2 rows by its line breaks and" in load.reason
