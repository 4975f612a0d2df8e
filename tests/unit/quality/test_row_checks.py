"""Rows that break a condition: counted for all conditions at once, as Great Expectations does."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from assay.quality.row_checks import check_rows, is_row_check
from assay.quality.suite import Expectation
from assay.quality.validation import Outcome, validate

CONDITIONS = ["n > 1", "t in ('{{', '\\:x')", "n > 1) is false or (t is null", "true", "null"]


def expectation(query: str) -> Expectation:
    return Expectation("t", "unexpected_rows_expectation", {"unexpected_rows_query": query})


def breaking(condition: str) -> Expectation:
    return expectation(f"select * from {{batch}} where ({condition}) is false")


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create table t (n integer, t varchar)")
        opened.execute("insert into t values (1, '{'), (2, ':x'), (null, 'other'), (0, null)")
        yield opened


def test_each_condition_has_its_own_count(connection: duckdb.DuckDBPyConnection) -> None:
    outcomes = check_rows(connection, "t", [breaking(each) for each in CONDITIONS])
    assert [(each.is_success, each.details["unexpected_count"]) for each in outcomes] == [
        (False, 2),
        (False, 1),
        (False, 4),
        (True, 0),
        (True, 0),
    ]


def test_the_counts_are_those_of_great_expectations(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    asked = [breaking(each) for each in CONDITIONS]
    assert [
        (each.is_success, each.details["unexpected_count"])
        for each in check_rows(connection, "t", asked)
    ] == [
        (each.is_success, each.details["observed_value"])
        for each in validate(connection, "t", asked)
    ]


def test_a_table_without_rows_breaks_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from t")
    assert check_rows(connection, "t", [breaking("n > 1")]) == [
        Outcome(True, {"element_count": 0, "unexpected_count": 0})
    ]


def test_a_condition_may_read_the_table_again(connection: duckdb.DuckDBPyConnection) -> None:
    asked = breaking("n = (select max(n) from {batch})")
    assert check_rows(connection, "t", [asked]) == [
        Outcome(False, {"element_count": 4, "unexpected_count": 2})
    ]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("select * from {batch} where (n > 0) is false order by (t) is false", 1),
        ("select * from {batch} where (n > 1) is false qualify (count(*) over () > 9) is false", 2),
        ("select * from {batch} where (n > 1) is false -- (or unknown) is false", 2),
    ],
)
def test_what_follows_a_condition_counts(
    connection: duckdb.DuckDBPyConnection, query: str, rows: int
) -> None:
    asked = [breaking("n > 1"), expectation(query)]
    assert check_rows(connection, "t", asked) == [
        Outcome(False, {"element_count": 4, "unexpected_count": 2}),
        Outcome(False, {"element_count": 4, "unexpected_count": rows}),
    ]


def test_a_comment_at_the_end_of_a_query_hides_none_of_the_next(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    asked = [
        expectation("select * from {batch} where (n > 1) is false -- ) is false"),
        expectation("select * from {batch} where (n > 0) is false\n and (n < 9) is false"),
    ]
    assert check_rows(connection, "t", asked) == [
        Outcome(False, {"element_count": 4, "unexpected_count": 2}),
        Outcome(True, {"element_count": 4, "unexpected_count": 0}),
    ]


def test_a_condition_that_cannot_be_asked_errors_alone(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    asked = [breaking("n > 1"), breaking("gone > 1"), breaking("t::integer > 1")]
    kept, unknown, uncastable = check_rows(connection, "t", asked)
    assert kept == Outcome(False, {"element_count": 4, "unexpected_count": 2})
    assert "gone" in unknown.error
    assert not unknown.is_success
    assert "INT32" in uncastable.error
    assert not uncastable.is_success


@pytest.mark.parametrize(
    "query",
    [
        "select n from {batch} where (n > 1) is false",
        "select * from {batch} where (n > 1) is false limit 0",
        "select * from (select * from {batch}) as x where (n > 1) is false",
        "select * from other where n in (select n from {batch} where (n > 1) is false",
        "select * from {batch} where n > 1",
    ],
)
def test_another_query_is_none_of_them(query: str) -> None:
    assert not is_row_check(expectation(query))


def test_an_expectation_of_another_type_is_none_of_them() -> None:
    assert not is_row_check(Expectation("t", "expect_column_max_to_be_between", {"column": "n"}))
