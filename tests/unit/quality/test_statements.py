"""An audit executes one SELECT for each query of a suite, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from assay.domain import CheckStatus, TableRef, TableVersion
from assay.quality import Expectation, Suite, run_suite

TABLE = TableRef.parse("gold.fct_orders")


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("delete from {batch}", "DELETE"),
        ("drop table {batch}", "DROP"),
        ("create or replace table {batch} as select 1 as n", "CREATE"),
        ("select * from {batch}; delete from {batch}", "SELECT and DELETE"),
        ("select * from {batch} where (n > 1) is false; drop table {batch} --) is false", "DROP"),
        ("-- {batch}", "nothing"),
    ],
)
def test_a_query_that_does_more_than_read_errors_and_is_not_executed(
    query: str, kinds: str
) -> None:
    asked = Expectation("own", "unexpected_rows_expectation", {"unexpected_rows_query": query})
    with duckdb.connect() as connection:
        connection.execute("create schema gold")
        connection.execute("create table gold.fct_orders as select 1 as n")
        (result,) = run_suite(
            connection,
            "gold.fct_orders",
            Suite("orders", "shop", TABLE, (asked,)),
            run_id="run-1",
            product="shop",
            table_version=TableVersion(TABLE, 0),
            row_count=1,
            checked_at_utc=datetime(2026, 1, 2, tzinfo=UTC),
        )
        assert connection.execute("select n from gold.fct_orders").fetchall() == [(1,)]
    assert result.status is CheckStatus.ERRORED
    assert f"{kinds}: expected one SELECT" in result.observed
