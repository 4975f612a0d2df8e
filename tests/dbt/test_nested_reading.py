"""JSON is read as what it says, or not at all: never silently as another value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest
from macro_rendering import render_call


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def read(connection: duckdb.DuckDBPyConnection, shape: object, text: str | None) -> object:
    sql = render_call(f"read_nested('t', {json.dumps(shape)})")
    row = connection.execute(f"select {sql} from (select ?::varchar as t)", [text]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("data_type", "text", "expected"),
    [
        ("bigint", "5", 5),
        ("bigint", "5.0", 5),
        ("bigint", "1e3", 1000),
        ("bigint", "9223372036854775807", 9223372036854775807),
        ("bigint", "9223372036854775808", None),
        ("bigint", "99999999999999999999", None),
        # A double has lost the last digits: what was written cannot be told.
        ("bigint", "9007199254740993.0", None),
        ("bigint", "5.5", None),
        ("bigint", '"5"', None),
        ("bigint", "true", None),
        ("tinyint", "128", None),
        ("double", "0.1", 0.1),
        ("double", "5", 5.0),
        ("double", "1e400", None),
        ("double", "NaN", None),
        ("double", '"0.1"', None),
        ("float", "1e39", None),
        ("decimal(10, 2)", "1.10", Decimal("1.10")),
        ("decimal(10, 2)", "5", Decimal("5.00")),
        ("decimal(10, 2)", '"12345678.90"', Decimal("12345678.90")),
        ("decimal(10, 2)", "1.255", None),
        ("decimal(10, 2)", "1e2", Decimal("100.00")),
        ("decimal(10, 2)", "123456789.5", None),
        ("decimal(10, 2)", '"1,5"', None),
        ("decimal(38, 2)", "12345678901234567.89", None),
        ("decimal(38, 2)", '"12345678901234567.89"', Decimal("12345678901234567.89")),
        (
            "decimal(38, 0)",
            "123456789012345678901234567890",
            Decimal(123456789012345678901234567890),
        ),
        ("varchar", '"\\u00e9\\n\\"q\\""', 'é\n"q"'),
        ("varchar", '""', ""),
        ("varchar", "5", None),
        ("boolean", "false", False),
        ("boolean", "1", None),
        ("boolean", '"true"', None),
        ("date", '"2024-02-30"', None),
        ("date", '"2024-02-29T00:00:00"', None),
        ("date", "20240229", None),
        ("timestamp", '"2024-01-31"', None),
        ("timestamp", "1706697600", None),
    ],
)
def test_a_value(
    connection: duckdb.DuckDBPyConnection, data_type: str, text: str, expected: object
) -> None:
    assert read(connection, {"item": {"type": data_type}}, f"[{text}]") == (
        None if expected is None else [expected]
    )


OBJECT = {
    "fields": [
        {"name": "a", "key": "A b", "type": "varchar"},
        {"name": "q", "key": "it's {{ 'x' }} ~/\"%}", "type": "bigint"},
        {"name": "inner", "key": "inner", "fields": [{"name": "n", "key": "0", "type": "bigint"}]},
    ]
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", {"a": None, "q": None, "inner": None}),
        (
            json.dumps({"A b": "x", "it's {{ 'x' }} ~/\"%}": 5, "inner": {"0": 7}}),
            {"a": "x", "q": 5, "inner": {"n": 7}},
        ),
        ('{"inner": {}}', {"a": None, "q": None, "inner": {"n": None}}),
        ('{"inner": null, "A b": null}', {"a": None, "q": None, "inner": None}),
        ('{"a b": "x"}', None),
        ('{"A b": "x", "A b": "x"}', None),
        ('{"inner": {"0": 1, "0": 1}}', None),
        ('{"inner": {"n": 1}}', None),
        ('{"inner": [7]}', None),
        ('{"inner": "x"}', None),
        ("[]", None),
        ("null", None),
        ('"{}"', None),
        ("{} {}", None),
        ("{'A b': 1}", None),
        ("{", None),
        ("", None),
        (None, None),
    ],
)
def test_an_object(
    connection: duckdb.DuckDBPyConnection, text: str | None, expected: object
) -> None:
    assert read(connection, OBJECT, text) == expected


def test_lists_in_lists_keep_what_is_absent(connection: duckdb.DuckDBPyConnection) -> None:
    shape = {"item": {"item": {"type": "bigint"}}}
    assert read(connection, shape, "[[1, null], null, []]") == [[1, None], None, []]
    assert read(connection, shape, "[[1, [2]]]") is None
    assert read(connection, shape, "[]") == []


def test_a_deep_object_is_read(connection: duckdb.DuckDBPyConnection) -> None:
    shape: dict[str, object] = {"type": "bigint"}
    text, expected = "7", object()
    for level in range(8):
        shape = {"fields": [{"name": f"f{level}", "key": "k", **shape}]}
        text = f'{{"k": {text}}}'
    expected = 7
    for level in range(8):
        expected = {f"f{level}": expected}
    assert read(connection, shape, text) == expected
