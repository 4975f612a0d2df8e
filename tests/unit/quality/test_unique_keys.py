"""A unique key is counted by DuckDB alone, and always as Great Expectations counts it."""

from __future__ import annotations

import duckdb
import pytest

from assay.quality import unique_keys
from assay.quality.suite import Expectation
from assay.quality.unique_keys import check_key, is_plain_key
from assay.quality.validation import validate

TYPE = "expect_compound_columns_to_be_unique"
KEY = Expectation("orders", TYPE, {"column_list": ["a", "b"]})


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("", id="no row"),
        pytest.param("(1, 2), (1, 3), (2, 2)", id="unique"),
        pytest.param("(1, 2), (1, 2), (2, 2)", id="a pair"),
        pytest.param("(1, 1), (1, 1), (1, 1), (2, 2), (2, 2)", id="two keys, five rows"),
        pytest.param("(1, null), (1, null), (2, 2)", id="a part is null"),
        pytest.param("(null, null), (null, null), (2, 2), (2, 2)", id="all is null"),
    ],
)
def test_it_counts_as_gx_counts(rows: str) -> None:
    connection = duckdb.connect()
    connection.execute("create table orders (a integer, b integer)")
    if rows:
        connection.execute(f"insert into orders values {rows}")
    expected = validate(connection, "orders", [KEY])[0]
    outcome = check_key(connection, "orders", KEY)
    assert outcome.is_success == expected.is_success
    assert outcome.details == {key: expected.details[key] for key in outcome.details}


@pytest.mark.parametrize("repeated", [0, 999])
def test_many_rows_are_looked_at_in_passes(monkeypatch: pytest.MonkeyPatch, repeated: int) -> None:
    monkeypatch.setattr(unique_keys, "_HASHES_AT_ONCE", 100)
    connection = duckdb.connect()
    connection.execute("create table orders as select range as a, range % 7 as b from range(1000)")
    connection.execute("insert into orders select a, b from orders where a = ?", [repeated])
    assert check_key(connection, "orders", KEY).details["unexpected_count"] == 2
    connection.execute("create or replace table orders as select distinct * from orders")
    assert check_key(connection, "orders", KEY).details["unexpected_count"] == 0


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        pytest.param({"column_list": ["a", "b"]}, True, id="a key"),
        pytest.param({"column_list": ["a", "absent"]}, False, id="an absent column"),
        pytest.param({"column_list": ["a", "b"], "mostly": 0.9}, False, id="a share"),
        pytest.param(
            {"column_list": ["a", "b"], "ignore_row_if": "never"}, False, id="rows left out"
        ),
    ],
)
def test_what_asks_for_more_is_left_to_gx(kwargs: dict[str, object], expected: bool) -> None:
    assert is_plain_key(Expectation("orders", TYPE, kwargs), {"a", "b"}) is expected
