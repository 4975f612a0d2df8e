"""What passes an audit, what refuses it, and what the refusal says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import duckdb
import pytest

from assay.domain import CheckResult, CheckStatus, Severity
from assay.errors import AuditFailed
from assay.quality import CheckCounts, judge, load_suite, summarize
from check_results import make_check

from .conftest import TABLE, Run, WriteSuite, audit

PASSED, FAILED, ERRORED = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.ERRORED


def result(status: CheckStatus, severity: Severity = Severity.CRITICAL) -> CheckResult:
    return make_check(
        suite="orders",
        severity=severity,
        status=status,
        observed="2 of 4 rows unexpected (50 %)",
        unexpected_count=2,
        message="order_id is not unique",
    )


@pytest.mark.parametrize(
    "results",
    [
        pytest.param([result(PASSED)], id="all_passed"),
        pytest.param([result(PASSED), result(FAILED, Severity.WARNING)], id="failing_warning"),
        pytest.param([result(FAILED, Severity.INFO)], id="failing_info"),
    ],
)
def test_audit_passes(results: list[CheckResult]) -> None:
    judge(results)


@pytest.mark.parametrize(
    "results",
    [
        pytest.param([], id="no_check_ran"),
        pytest.param([result(PASSED), result(FAILED)], id="failing_critical"),
        pytest.param([result(PASSED), result(ERRORED)], id="errored_critical"),
        pytest.param([result(PASSED), result(ERRORED, Severity.WARNING)], id="errored_warning"),
        pytest.param([result(ERRORED, Severity.INFO)], id="errored_info"),
    ],
)
def test_audit_is_refused(results: list[CheckResult]) -> None:
    with pytest.raises(AuditFailed):
        judge(results)


def test_refusal_names_table_checks_and_next_command(run: Run) -> None:
    results = run(
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "status"}},
        {
            "type": "expect_table_row_count_to_equal",
            "kwargs": {"value": 9},
            "severity": "warning",
        },
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "gone"}},
    )
    with pytest.raises(AuditFailed) as refused:
        judge(results)
    assert str(refused.value) == (
        "gold.fct_orders@0 did not pass its audit: 2 of 3 checks refuse it\n"
        "  - failed: expect_column_values_to_be_unique (status) does not hold: "
        "expected column values to be unique; found 2 of 4 rows unexpected (50 %)\n"
        "  - errored: expect_column_values_to_not_be_null (gone) could not be evaluated: "
        'Error: The column "gone" in BatchData does not exist.\n'
        "  where: suite orders, run run-1\n"
        "  what to do: correct the rule that could not be evaluated; "
        "look at the rows: assay sql --run run-1 'from gold.fct_orders limit 20'"
    )


def test_a_rule_that_could_not_be_evaluated_is_to_be_corrected_where_it_is_written(
    connection: duckdb.DuckDBPyConnection,
    orders: Path,
    expectations: Path,
    write_suite: WriteSuite,
) -> None:
    def known(column: str) -> dict[str, object]:
        kwargs = {"column": column}
        return {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": kwargs,
            "severity": "warning",
        }

    def advice() -> str:
        results = audit(connection, orders, load_suite(expectations, "shop", TABLE), 0)
        with pytest.raises(AuditFailed) as refused:
            judge(results, expectations)
        return refused.value.todo

    write_suite(known("status"))
    own = write_suite(known("citty"), own=True)
    assert advice() == f"correct the rule that could not be evaluated, in {own}"

    compiled = write_suite(known("gone"))
    contract = "contracts/shop/fct_orders.odcs.yaml"
    suite = json.loads(compiled.read_text()) | {"meta": {"compiled_from": contract}}
    compiled.write_text(json.dumps(suite))
    files = f"{contract} and {own}"
    assert advice() == f"correct the rules that could not be evaluated, in {files}"


def test_a_refusing_query_is_given_as_it_can_be_run(run: Run) -> None:
    rule = "select * from {batch} where (regexp_full_match(status, '[a-z]{{9}}')) is false"
    results = run(
        {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": rule}}
    )
    rows = "select * from gold.fct_orders where (regexp_full_match(status, '[a-z]{9}')) is false"
    with pytest.raises(AuditFailed) as refused:
        judge(results)
    assert f"expected no row of: {rows}; found 4" in str(refused.value)
    assert str(refused.value).endswith(f"--run run-1 {shlex.quote(rows)}")


def test_counts() -> None:
    results = [
        result(PASSED),
        result(PASSED, Severity.WARNING),
        result(FAILED),
        result(FAILED, Severity.WARNING),
        result(FAILED, Severity.INFO),
        result(ERRORED, Severity.WARNING),
    ]
    assert summarize(results) == CheckCounts(passed=2, warned=2, failed=1, errored=1)


def test_an_audit_counts_the_rows_that_break_row_rules_in_the_order_of_the_suite(run: Run) -> None:
    def row_rule(condition: str) -> dict[str, object]:
        query = f"select * from {{batch}} where ({condition}) is false"
        return {
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": query},
            "meta": {"name": condition},
        }

    results = run(
        row_rule("order_id > 1"),
        {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 4}},
        row_rule("amount > 20 and fee > 1"),
    )
    # Great Expectations would tell a count alone.
    assert [(each.check, each.observed, each.unexpected_count) for each in results] == [
        ("order_id > 1", "1 of 4 rows unexpected (25 %)", 1),
        ("expect_table_row_count_to_equal", "4", 0),
        ("amount > 20 and fee > 1", "2 of 4 rows unexpected (50 %)", 2),
    ]
