"""A check's result, for tests that look at what is made of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from assay.domain import CheckResult, CheckStatus, Severity

_PASSED = CheckResult(
    run_id="run-1",
    product="shop",
    table="gold.fct_orders",
    version=7,
    suite="fct_orders",
    check="expect_column_values_to_be_unique",
    column="order_id",
    severity=Severity.CRITICAL,
    status=CheckStatus.PASSED,
    observed="0 of 4 rows unexpected (0 %)",
    expected="column values to be unique",
    unexpected_count=0,
    row_count=4,
    message="",
    checked_at_utc=datetime(2026, 1, 2, tzinfo=UTC),
)


def make_check(**changes: Any) -> CheckResult:
    """Make a critical check that passed, but for these changes."""
    return replace(_PASSED, **changes)
