"""A check that did not pass, as text."""

from __future__ import annotations

import shlex

from assay.domain import CheckResult, CheckStatus
from assay.quality import broken_rows_query


def tell_check(check: CheckResult) -> str:
    """Write which check of which table version said what, in one line without its query."""
    verdict = "errored" if check.status is CheckStatus.ERRORED else "failed"
    name = f"{check.check} on {check.column}" if check.column else check.check
    message = check.message or f"found {check.observed}, expected {check.expected}"
    if broken_rows_query(check):
        message = message.replace(f"expected {check.expected}; ", "")
    return f"  {check.table}@{check.version}: {name} {verdict} ({check.severity.value}): {message}"


def tell_check_with_rows(check: CheckResult, run_id: str) -> str:
    """Write a check as :func:`tell_check` does, and the command that shows the rows it found."""
    query = broken_rows_query(check)
    command = f"\n    its rows: assay sql --run {run_id} {shlex.quote(query)}" if query else ""
    return tell_check(check) + command
