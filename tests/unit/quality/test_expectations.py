"""Each main type of expectation, kept and broken, pushed down to DuckDB over Delta."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from assay.domain import CheckResult, CheckStatus, Severity, TableVersion
from assay.quality import load_suite, run_suite

from .conftest import CHECKED_AT, TABLE, Check, Run, WriteSuite

PASSED, FAILED = CheckStatus.PASSED, CheckStatus.FAILED

CASES = [
    ("not_null", "column_values_to_not_be_null", {"column": "order_id"}, PASSED, "0 of 4 rows", 0),
    ("null", "column_values_to_not_be_null", {"column": "customer"}, FAILED, "1 of 4 rows", 1),
    (
        "null_within_mostly",
        "column_values_to_not_be_null",
        {"column": "customer", "mostly": 0.75},
        PASSED,
        "1 of 4 rows",
        1,
    ),
    ("unique", "column_values_to_be_unique", {"column": "order_id"}, PASSED, "0 of 4 rows", 0),
    (
        "not_unique",
        "column_values_to_be_unique",
        {"column": "customer"},
        FAILED,
        "2 of 3 non-null rows",
        2,
    ),
    (
        "compound_unique",
        "compound_columns_to_be_unique",
        {"column_list": ["order_id", "line"]},
        PASSED,
        "0 of 4 rows",
        0,
    ),
    (
        "compound_not_unique",
        "compound_columns_to_be_unique",
        {"column_list": ["customer", "line"]},
        FAILED,
        "2 of 4 rows",
        2,
    ),
    (
        "in_set",
        "column_values_to_be_in_set",
        {"column": "status", "value_set": ["open", "paid", "lost"]},
        PASSED,
        "0 of 4 rows",
        0,
    ),
    (
        "not_in_set",
        "column_values_to_be_in_set",
        {"column": "status", "value_set": ["open", "paid"]},
        FAILED,
        "1 of 4 rows",
        1,
    ),
    (
        "between",
        "column_values_to_be_between",
        {"column": "amount", "min_value": 0, "max_value": 40},
        PASSED,
        "0 of 4 rows",
        0,
    ),
    (
        "not_between",
        "column_values_to_be_between",
        {"column": "amount", "min_value": 0, "max_value": 15},
        FAILED,
        "3 of 4 rows",
        3,
    ),
    (
        "date_not_between",
        "column_values_to_be_between",
        {"column": "ordered_on", "min_value": "2026-01-02", "max_value": "2026-12-31"},
        FAILED,
        "1 of 4 rows",
        1,
    ),
    (
        "regex",
        "column_values_to_match_regex",
        {"column": "status", "regex": "^[a-z]{4}$"},
        PASSED,
        "0 of 4 rows",
        0,
    ),
    (
        "not_regex",
        "column_values_to_match_regex",
        {"column": "customer", "regex": "^A"},
        FAILED,
        "2 of 3 non-null rows",
        2,
    ),
    (
        "like",
        "column_values_to_match_like_pattern",
        {"column": "status", "like_pattern": "p%"},
        FAILED,
        "2 of 4 rows",
        2,
    ),
    (
        "a_above_b",
        "column_pair_values_a_to_be_greater_than_b",
        {"column_A": "amount", "column_B": "line"},
        PASSED,
        "0 of 4 rows",
        0,
    ),
    (
        "a_not_above_b",
        "column_pair_values_a_to_be_greater_than_b",
        {"column_A": "amount", "column_B": "fee"},
        FAILED,
        "2 of 4 rows",
        2,
    ),
    ("row_count_equal", "table_row_count_to_equal", {"value": 4}, PASSED, "4", 0),
    ("row_count_not_equal", "table_row_count_to_equal", {"value": 5}, FAILED, "4", 0),
    ("row_count_between", "table_row_count_to_be_between", {"min_value": 1}, PASSED, "4", 0),
    ("row_count_below", "table_row_count_to_be_between", {"min_value": 9}, FAILED, "4", 0),
    (
        "columns_differ",
        "table_columns_to_match_set",
        {"column_set": ["order_id", "line", "customer", "status", "amount", "fee", "gone"]},
        FAILED,
        "unexpected: ordered_on; missing: gone",
        0,
    ),
    (
        "sum",
        "column_sum_to_be_between",
        {"column": "amount", "min_value": 100, "max_value": 100},
        PASSED,
        "100",
        0,
    ),
    (
        "sum_above",
        "column_sum_to_be_between",
        {"column": "amount", "max_value": 99},
        FAILED,
        "100",
        0,
    ),
    ("mean", "column_mean_to_be_between", {"column": "amount", "min_value": 25}, PASSED, "25", 0),
    (
        "mean_low",
        "column_mean_to_be_between",
        {"column": "amount", "min_value": 26},
        FAILED,
        "25",
        0,
    ),
    ("min", "column_min_to_be_between", {"column": "amount", "min_value": 10}, PASSED, "10", 0),
    (
        "min_date_low",
        "column_min_to_be_between",
        {"column": "ordered_on", "min_value": "2026-01-02"},
        FAILED,
        "2026-01-01",
        0,
    ),
    ("max", "column_max_to_be_between", {"column": "amount", "max_value": 40}, PASSED, "40", 0),
    (
        "max_high",
        "column_max_to_be_between",
        {"column": "amount", "max_value": 39},
        FAILED,
        "40",
        0,
    ),
    (
        "median",
        "column_median_to_be_between",
        {"column": "amount", "min_value": 25, "max_value": 25},
        PASSED,
        "25",
        0,
    ),
    (
        "quantiles",
        "column_quantile_values_to_be_between",
        {
            "column": "amount",
            "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[20, 30]]},
        },
        PASSED,
        "30",
        0,
    ),
    (
        "distinct_in_set",
        "column_distinct_values_to_be_in_set",
        {"column": "status", "value_set": ["open"]},
        FAILED,
        "2 distinct values unexpected",
        2,
    ),
    ("exists", "column_to_exist", {"column": "fee"}, PASSED, "", 0),
    ("exists_not", "column_to_exist", {"column": "gone"}, FAILED, "", 0),
    (
        "type",
        "column_values_to_be_of_type",
        {"column": "fee", "type_": "double"},
        PASSED,
        "DOUBLE",
        0,
    ),
    ("type_differs", "column_type_to_be", {"column": "fee", "type_": "date"}, FAILED, "DOUBLE", 0),
    (
        "type_in_list",
        "column_values_to_be_in_type_list",
        {"column": "customer", "type_list": ["date", "string"]},
        PASSED,
        "VARCHAR",
        0,
    ),
]


@pytest.mark.parametrize(
    ("kind", "kwargs", "status", "observed", "unexpected"),
    [pytest.param(*rest, id=name) for name, *rest in CASES],
)
def test_expectation(
    check: Check,
    kind: str,
    kwargs: dict[str, object],
    status: CheckStatus,
    observed: str,
    unexpected: int,
) -> None:
    result = check(f"expect_{kind}", **kwargs)
    seen = result.observed.partition(" unexpected (")[0]
    assert (result.status, seen, result.unexpected_count) == (status, observed, unexpected)


@pytest.mark.parametrize(
    ("condition", "status", "observed", "unexpected"),
    [
        pytest.param("amount < 0", PASSED, "0", 0, id="no_row"),
        pytest.param("amount > 15", FAILED, "3", 3, id="three_rows"),
    ],
)
def test_query_that_finds_unexpected_rows(
    check: Check, condition: str, status: CheckStatus, observed: str, unexpected: int
) -> None:
    query = f"select * from {{batch}} where {condition}"
    result = check("unexpected_rows_expectation", unexpected_rows_query=query)
    assert (result.status, result.observed, result.unexpected_count) == (
        status,
        observed,
        unexpected,
    )


def test_whole_result(run: Run) -> None:
    (result,) = run(
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "status", "value_set": ["open", "paid"]},
            "severity": "warning",
            "description": "Orders are open or paid",
            "meta": {"name": "known_status"},
        }
    )
    assert result == CheckResult(
        run_id="run-1",
        product="shop",
        table="gold.fct_orders",
        version=0,
        suite="orders",
        check="known_status",
        column="status",
        severity=Severity.WARNING,
        status=FAILED,
        observed="1 of 4 rows unexpected (25 %)",
        expected="value_set: open, paid",
        unexpected_count=1,
        row_count=4,
        message=(
            "Orders are open or paid (status) does not hold: "
            "expected value_set: open, paid; found 1 of 4 rows unexpected (25 %)"
        ),
        checked_at_utc=CHECKED_AT,
    )


def test_an_audit_sees_its_own_version_only(check: Check) -> None:
    counts = {
        version: check("expect_table_row_count_to_equal", version=version, value=4).status
        for version in (0, 1, 0)
    }
    assert counts == {0: PASSED, 1: FAILED}


def test_columns_may_be_named_as_duckdb_reserves(
    connection: duckdb.DuckDBPyConnection, write_suite: WriteSuite, expectations: Path
) -> None:
    names = ["at", "order", "pivot", "qualify", "time"]
    columns = ", ".join(f'1 as "{name}"' for name in names)
    connection.execute(f"create view gold.odd_names as select {columns}")
    kinds = ("expect_column_values_to_not_be_null", "expect_column_values_to_be_unique")
    write_suite(
        *({"type": kind, "kwargs": {"column": name}} for kind in kinds for name in names),
        {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": names}},
    )
    results = run_suite(
        connection,
        "gold.odd_names",
        load_suite(expectations, "shop", TABLE),
        run_id="run-1",
        product="shop",
        table_version=TableVersion(TABLE, 0),
        row_count=1,
        checked_at_utc=CHECKED_AT,
    )
    assert [each.message for each in results if each.status is not PASSED] == []
    assert len(results) == 11
