"""One example of each kind of run."""

from __future__ import annotations

from datetime import UTC, datetime

from assay.domain import CheckResult, CheckStatus, Severity
from assay.lineage import (
    AuditRun,
    ColumnState,
    DatasetState,
    ModelRun,
    ParentRun,
    RootRun,
    name_audit_job,
    name_model_job,
    name_table,
)
from check_results import make_check

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
END = datetime(2026, 1, 1, 12, 0, 1, 500_000, tzinfo=UTC)

PARENT = ParentRun(
    run_id="0194a000-0000-7000-8000-000000000001",
    job_name="flights.gold",
    job_namespace="assay",
    root=RootRun("0194a000-0000-7000-8000-000000000000", "flights", "assay"),
    assay_run_id="run-1",
)

MODEL = ModelRun(
    job_name=name_model_job("flights", "gold", "agg_route_month"),
    started_at_utc=START,
    ended_at_utc=END,
    inputs=(DatasetState(name_table("silver.flights"), version=3),),
    outputs=(
        DatasetState(
            name_table("gold.agg_route_month"),
            version=7,
            columns=(ColumnState("flights", "BIGINT", "Flights flown."),),
            row_count=10,
            size_bytes=2048,
        ),
    ),
    sql="select count(*) as flights from silver.flights",
)


def check(name: str, status: CheckStatus, severity: Severity, column: str = "") -> CheckResult:
    return make_check(
        product="flights",
        table="gold.agg_route_month",
        suite="agg_route_month",
        check=name,
        column=column,
        severity=severity,
        status=status,
        observed="0",
        expected="at least 1",
        row_count=10,
        checked_at_utc=END,
    )


AUDIT = AuditRun(
    job_name=name_audit_job("flights", "gold.agg_route_month"),
    started_at_utc=START,
    ended_at_utc=END,
    dataset=DatasetState(name_table("gold.agg_route_month"), version=7, row_count=10),
    checks=(
        check("not_null", CheckStatus.PASSED, Severity.CRITICAL, "flights"),
        check("row_count", CheckStatus.FAILED, Severity.WARNING),
        check("unique", CheckStatus.ERRORED, Severity.CRITICAL, "origin"),
    ),
)
