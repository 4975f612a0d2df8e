"""What the models can read, landing does not take for unreadable."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from macro_rendering import render_call

from assay.ingestion.readable import is_readable

MACROS = {
    "tinyint": "read_integer",
    "integer": "read_integer",
    "bigint": "read_integer",
    "float": "read_number",
    "double": "read_number",
    "decimal(6, 2)": "read_number",
    "boolean": "read_as",
    "date": "read_date",
    "timestamp": "read_timestamp",
    "timestamp with time zone": "read_timestamp",
}
PIECES = [*"0123456789", ".", "-", "+", "e", "E", ":", " ", "T", "Z", "_", "/", ",", "x", "\t"]
WORDS = ["true", "False", "t", "yes", "N", "on", "inf", "nan", "2024-02-29", "10:00", "+01", "UTC"]
WORDS += ["127", "128", "1e3", "America/New_York", "٣"]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@settings(max_examples=300)
@example("2024-01-31 10:00:00.123456+01:00")
@example("2024-1-3T1:00:00 America/New_York")
@example("2024-01-31  10:00")
@example(" 5 ")
@example("5.")
@example(".5")
@example("1.50000000")
@example("9223372036854775807")
@given(st.lists(st.sampled_from(PIECES + WORDS), max_size=12).map("".join))
def test_a_text_that_a_model_reads_is_readable(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    reads = [render_call(f"{macro}('t', '{kind}')") for kind, macro in MACROS.items()]
    sql = f"select {', '.join(reads)} from (select ?::varchar as t)"
    row = connection.execute(sql, [text]).fetchone() or ()
    read = [kind for kind, value in zip(MACROS, row, strict=True) if value is not None]
    assert [kind for kind in read if not is_readable(text, kind)] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bigint", "5.5"),
        ("tinyint", "128"),
        ("double", "3,5"),
        ("double", "nan"),
        ("decimal(6, 2)", "1_000"),
        ("boolean", "2"),
        ("date", "31.01.2024"),
        ("date", "2024-01-31 10:00"),
        ("timestamp", "2024-01-31"),
        ("timestamp with time zone", "1706695200"),
    ],
)
def test_other_texts_are_not(kind: str, text: str) -> None:
    assert not is_readable(text, kind)
