"""Rows without a partner: counted, with their keys, the most frequent first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pytest

from assay.quality.foreign_keys import check_foreign_key
from assay.quality.suite import Expectation
from assay.quality.validation import Outcome

QUERY = (
    "select * from (select * from {batch}) as here anti join silver.shops as there"
    " on there.id = here.shop and there.n = here.n where here.shop is not null"
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create schema silver")
        opened.execute("create table silver.shops as select 'a' as id, 1 as n")
        opened.execute("create table sales (shop varchar, n integer)")
        yield opened


def check(
    connection: duckdb.DuckDBPyConnection, meta: Mapping[str, object] | None = None
) -> Outcome:
    named = {"key": ["shop", "n"], "reads": ["silver.shops"], **(meta or {})}
    expectation = Expectation(
        "sales", "unexpected_rows_expectation", {"unexpected_rows_query": QUERY}, meta=named
    )
    return check_foreign_key(connection, "sales", expectation)


def test_rows_and_keys_are_counted(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "insert into sales values ('a', 1), ('a', 2), ('b', 1), ('b', 1), ('c', null),"
        " ('d', 4), ('d', 4), ('d', 4), (null, 7)"
    )
    assert check(connection) == Outcome(
        False,
        {
            "observed_value": 7,
            "keys": 4,
            "frequent_keys": [("d, 4", 3), ("b, 1", 2), ("a, 2", 1)],
        },
    )


def test_of_protected_keys_none_is_shown(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into sales values ('secret', 1)")
    assert check(connection, {"is_protected": True}) == Outcome(
        False, {"observed_value": 1, "keys": 1}
    )


def test_rows_that_all_have_a_partner_pass(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("insert into sales values ('a', 1), (null, 2)")
    assert check(connection) == Outcome(True, {"observed_value": 0})


def test_a_query_that_breaks_is_an_error(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("drop table silver.shops")
    outcome = check(connection)
    assert not outcome.is_success
    assert "shops" in outcome.error
