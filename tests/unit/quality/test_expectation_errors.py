"""What cannot be evaluated is errored by itself; neither errors nor results quote rows."""

from __future__ import annotations

import pytest

from assay.domain import CheckStatus

from .conftest import Run

PASSED, FAILED, ERRORED = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.ERRORED

ERRORS = {
    "missing_column": (
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "gone"}},
        'Error: The column "gone" in BatchData does not exist.',
    ),
    "type_of_missing_column": (
        {"type": "expect_column_type_to_be", "kwargs": {"column": "gone", "type_": "date"}},
        'The column "gone" does not exist',
    ),
    "unknown_data_type": (
        {"type": "expect_column_type_to_be", "kwargs": {"column": "fee", "type_": "money"}},
        'DuckDB has no type "money"',
    ),
}


@pytest.mark.parametrize(("entry", "observed"), ERRORS.values(), ids=ERRORS.keys())
def test_what_cannot_be_evaluated_is_errored(
    run: Run, entry: dict[str, object], observed: str
) -> None:
    (result,) = run(entry)
    assert (result.status, result.observed) == (ERRORED, observed)


def test_an_errored_check_leaves_its_neighbours_alone(run: Run) -> None:
    results = run(
        {
            "type": "expect_column_values_to_match_regex",
            "kwargs": {"column": "status", "regex": "(?<=x)y"},
        },
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "amount", "min_value": 0},
        },
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "customer"}},
    )
    assert [each.status for each in results] == [ERRORED, PASSED, FAILED]


def test_errors_do_not_quote_values(run: Run) -> None:
    (result,) = run(
        {
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": "select * from {batch} where customer::int > 0"},
        }
    )
    assert result.status is ERRORED
    assert "Ada" not in result.message + result.observed
    assert "Conversion Error" in result.observed


def test_results_hold_no_row_values(run: Run) -> None:
    results = run(
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "customer", "value_set": ["Eve"]},
        },
        {
            "type": "expect_column_distinct_values_to_equal_set",
            "kwargs": {"column": "customer", "value_set": ["Eve"]},
        },
        {
            "type": "expect_column_most_common_value_to_be_in_set",
            "kwargs": {"column": "customer", "value_set": ["Eve"]},
        },
        {
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": "select * from {batch} where customer <> 'Eve'"},
        },
    )
    assert [each.status for each in results] == [FAILED] * 4
    assert [name for each in results for name in ("Ada", "Bob") if name in repr(each)] == []
