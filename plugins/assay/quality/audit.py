"""Run a suite at one table version and judge the results."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.domain import CheckResult, CheckStatus, Severity, TableVersion
from assay.errors import AuditFailed
from assay.quality.anomalies import SUITE as ANOMALY_SUITE
from assay.quality.column_types import check_type, read_columns
from assay.quality.coverage import TYPE_CHECKS
from assay.quality.figures import add_figure
from assay.quality.foreign_keys import check_foreign_key, is_foreign_key
from assay.quality.row_checks import check_rows, is_row_check
from assay.quality.rule_files import find_rule_file
from assay.quality.statements import find_statement_fault
from assay.quality.suite import Expectation, Suite
from assay.quality.unique_keys import check_key, is_plain_key
from assay.quality.validation import Outcome, validate
from assay.quality.wording import (
    NO_ROW_OF,
    count_unexpected,
    describe_error,
    describe_expected,
    describe_observed,
)

if TYPE_CHECKING:
    import duckdb


# An odd day stays odd in every run until somebody says something about it.
_ACCEPT = "then have the day delivered otherwise, or name it in the contract's `acceptedDays`"


@dataclass(frozen=True)
class CheckCounts:
    """How the checks of an audit ended. ``warned`` failed without being critical."""

    passed: int = 0
    warned: int = 0
    failed: int = 0
    errored: int = 0


@dataclass(frozen=True)
class _Audit:
    """What every result of one audit has in common."""

    run_id: str
    product: str
    table_version: TableVersion
    row_count: int
    checked_at_utc: datetime
    columns: Collection[str]


def run_suite(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    suite: Suite,
    *,
    run_id: str,
    product: str,
    table_version: TableVersion,
    row_count: int,
    checked_at_utc: datetime,
) -> list[CheckResult]:
    """Check every expectation of a suite against a relation: one result each, in order.

    ``relation`` is the name of a table or view on ``connection`` that shows exactly
    ``table_version`` (``view`` or ``schema.view``, lower-case identifiers). Nothing is written
    and no table is loaded: GX asks DuckDB for counts and aggregates. The other tables that the
    suite reads are there as ``layer.name``. A check that cannot be evaluated is errored; it never
    passes.
    """
    columns = read_columns(connection, relation)
    audit = _Audit(run_id, product, table_version, row_count, checked_at_utc, tuple(columns))
    outcomes = evaluate(connection, relation, suite.expectations, columns)
    return [
        _to_result(audit, each, outcome)
        for each, outcome in zip(suite.expectations, outcomes, strict=True)
    ]


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    expectations: Sequence[Expectation],
    columns: Mapping[str, str],
) -> list[Outcome]:
    """Evaluate expectations in order, each in the way that is cheapest for its kind.

    A query that is more or other than one SELECT is not executed: it errors.

    ``columns`` are the relation's, with DuckDB's names of their types.
    """
    found: dict[int, Outcome] = {}
    rows: list[int] = []
    rest: list[int] = []
    for position, each in enumerate(expectations):
        query = each.query_on(relation)
        if query and (fault := find_statement_fault(query)):
            found[position] = Outcome(False, {}, fault)
        elif each.type in TYPE_CHECKS:
            found[position] = check_type(connection, columns, each)
        elif is_foreign_key(each):
            found[position] = check_foreign_key(connection, relation, each)
        elif is_plain_key(each, columns):
            found[position] = check_key(connection, relation, each)
        else:
            (rows if is_row_check(each) else rest).append(position)
    for positions, check in ((rows, check_rows), (rest, validate)):
        if positions:
            asked = [expectations[each] for each in positions]
            found |= zip(positions, check(connection, relation, asked), strict=True)
    return [
        add_figure(connection, relation, each, found[position])
        for position, each in enumerate(expectations)
    ]


def judge(results: Sequence[CheckResult], expectations: Path | None = None) -> None:
    """Let an audit pass, or refuse it. Failed warnings never refuse.

    With the folder of ``expectations`` a refusal names the files of rules to correct.

    Raises:
        AuditFailed: there is no result, a check errored, or a critical one failed.
    """
    if not results:
        raise AuditFailed(
            "no check was run: zero checks is not a pass",
            todo="add expectations to the table's suite",
        )
    bad = [each for each in results if _refuses(each)]
    if not bad:
        return
    first = bad[0]
    lines = "".join(f"\n  - {_line(each)}" for each in bad)
    raise AuditFailed(
        f"{first.table}@{first.version} did not pass its audit: "
        f"{len(bad)} of {len(results)} checks refuse it{lines}",
        where=f"suite {first.suite}, run {first.run_id}",
        todo="; ".join(_todo(bad, expectations)),
    )


def _todo(bad: Sequence[CheckResult], expectations: Path | None) -> Iterator[str]:
    """What was not evaluated says nothing of rows: its rule is to be corrected."""
    errored = [each for each in bad if each.status is CheckStatus.ERRORED]
    if errored:
        found = [find_rule_file(expectations, each) for each in errored] if expectations else []
        files = " and ".join(dict.fromkeys(file for file in found if file))
        rules = "rule" if len(errored) == 1 else "rules"
        yield f"correct the {rules} that could not be evaluated" + (
            f", in {files}" if files else ""
        )
    failed = [each for each in bad if each.status is CheckStatus.FAILED]
    if failed:
        first = failed[0]
        query = broken_rows_query(first) or f"from {first.table} limit 20"
        yield f"look at the rows: assay sql --run {first.run_id} {shlex.quote(query)}"
    if any(map(_is_odd_day, failed)):
        yield _ACCEPT


def broken_rows_query(check: CheckResult) -> str:
    """Return the query that shows the rows that break a check; empty where there is none."""
    is_query = check.expected.startswith(NO_ROW_OF)
    return check.expected.removeprefix(NO_ROW_OF) if is_query else ""


def summarize(results: Sequence[CheckResult]) -> CheckCounts:
    """Count how the checks ended."""
    statuses = [(each.status, each.severity) for each in results]
    failed = [severity for status, severity in statuses if status is CheckStatus.FAILED]
    return CheckCounts(
        passed=sum(status is CheckStatus.PASSED for status, _ in statuses),
        warned=sum(severity is not Severity.CRITICAL for severity in failed),
        failed=sum(severity is Severity.CRITICAL for severity in failed),
        errored=sum(status is CheckStatus.ERRORED for status, _ in statuses),
    )


def _to_result(audit: _Audit, expectation: Expectation, outcome: Outcome) -> CheckResult:
    status = _status(outcome)
    expected = describe_expected(expectation, str(audit.table_version.table))
    if outcome.error:
        names = {*audit.columns, *map(str, expectation.kwargs.values())}
        observed = describe_error(outcome.error, names)
    else:
        observed = describe_observed(outcome.details)
    return CheckResult(
        run_id=audit.run_id,
        product=audit.product,
        table=str(audit.table_version.table),
        version=audit.table_version.version,
        suite=expectation.suite,
        check=expectation.name,
        column=expectation.column,
        severity=expectation.severity,
        status=status,
        observed=observed,
        expected=expected,
        unexpected_count=count_unexpected(expectation, outcome.details),
        row_count=audit.row_count,
        message=_message(expectation, status, expected, observed),
        checked_at_utc=audit.checked_at_utc,
        dimension=str(expectation.meta.get("dimension") or ""),
    )


def _status(outcome: Outcome) -> CheckStatus:
    if outcome.error:
        return CheckStatus.ERRORED
    return CheckStatus.PASSED if outcome.is_success else CheckStatus.FAILED


def _message(expectation: Expectation, status: CheckStatus, expected: str, observed: str) -> str:
    subject = expectation.description or expectation.name
    if expectation.column:
        subject = f"{subject} ({expectation.column})"
    if status is CheckStatus.PASSED:
        return f"{subject} holds"
    if status is CheckStatus.ERRORED:
        return f"{subject} could not be evaluated: {observed}"
    found = f"; found {observed}" if observed else ""
    return f"{subject} does not hold: expected {expected}{found}"


def _refuses(result: CheckResult) -> bool:
    if result.status is CheckStatus.ERRORED:
        return True
    return result.status is CheckStatus.FAILED and result.severity is Severity.CRITICAL


def _is_odd_day(result: CheckResult) -> bool:
    return result.suite == ANOMALY_SUITE and result.status is CheckStatus.FAILED


def _line(result: CheckResult) -> str:
    return f"{result.status.value}: {result.message}"
