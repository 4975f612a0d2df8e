"""Judges a table's service levels by its measures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assay.domain import CheckResult, CheckStatus, Measure, Sla, SlaKind
from assay.quality.results import AuditedTable

SUITE = "sla"
# The farthest time zone is so much ahead of UTC: a day begins there, and a time without a zone is.
_AHEAD_SECONDS = 14 * 3600
_UNITS = (("d", 86_400), ("h", 3600), ("min", 60))


def judge_slas(
    slas: Iterable[Sla], measures: Sequence[Measure], audited: AuditedTable
) -> list[CheckResult]:
    """Hold each service level against the measures of this table version: one result each.

    A table without a value has no age and no share, and one whose newest value lies in the future
    none that can be believed: such a level is not kept. A column that was not measured is errored.
    A frequency is not the table's: deliveries keep it.
    """
    table = next(each for each in measures if not each.column)
    columns = {each.column: each for each in measures if each.column}
    return [
        _judge(sla, table, columns.get(sla.column), audited)
        for sla in slas
        if sla.kind is not SlaKind.FREQUENCY
    ]


def _judge(sla: Sla, table: Measure, column: Measure | None, audited: AuditedTable) -> CheckResult:
    value, expected, observed = _read(sla, table, column)
    if sla.column and column is None:
        status = CheckStatus.ERRORED
    elif value is None or not _holds(sla, value):
        status = CheckStatus.FAILED
    else:
        status = CheckStatus.PASSED
    subject = f"{sla.kind.value}{f' of {sla.column}' if sla.column else ''}"
    verdict = {
        CheckStatus.PASSED: "is as agreed",
        CheckStatus.FAILED: "is not as agreed",
        CheckStatus.ERRORED: "could not be measured",
    }[status]
    return audited.result(
        SUITE,
        sla.kind.value,
        status,
        sla.severity,
        observed=observed,
        expected=expected,
        message=f"{subject} {verdict}: expected {expected}; found {observed}",
        column=sla.column,
    )


def _read(sla: Sla, table: Measure, column: Measure | None) -> tuple[float | None, str, str]:
    """Return the measure (None where there is none), and both sides in words."""
    if sla.kind is SlaKind.VOLUME:
        bound = f" and at most {sla.upper:,.0f}" if sla.upper is not None else ""
        return table.rows, f"at least {sla.limit:,.0f}{bound} rows", f"{table.rows:,} rows"
    if sla.kind is SlaKind.COMPLETENESS:
        share = column.null_share if column else None
        filled = None if share is None else 1 - share
        found = "no values" if filled is None else f"{100 * filled:.6g} %"
        return filled, f"at least {100 * sla.limit:.6g} % of the values", found
    age = column.freshness_seconds if column else None
    if age is not None and is_in_future(age):
        found = f"its newest value lies in the future: {describe_duration(-age)} from now"
        return None, f"at most {describe_limit(sla.limit)} old", found
    found = "no value" if age is None else f"{describe_duration(age)} old"
    return age, f"at most {describe_limit(sla.limit)} old", found


def _holds(sla: Sla, value: float) -> bool:
    if sla.kind is SlaKind.FRESHNESS:
        return value <= sla.limit
    return value >= sla.limit and (sla.upper is None or value <= sla.upper)


def is_in_future(age_seconds: float) -> bool:
    """Whether a newest value is later than time zones explain: one wrong date would otherwise
    keep a table fresh until then.
    """
    return -age_seconds > _AHEAD_SECONDS


def describe_limit(seconds: float) -> str:
    """Write an agreed length of time as people agree on it: 26 h, not 1.083 d."""
    for unit, size in _UNITS:
        if seconds >= size and not seconds % size:
            return f"{seconds / size:.0f} {unit}"
    return describe_duration(seconds)


def describe_duration(seconds: float) -> str:
    """Write a length of time in its largest unit, up to days."""
    for unit, size in _UNITS:
        if abs(seconds) >= size:
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds:.4g} s"
