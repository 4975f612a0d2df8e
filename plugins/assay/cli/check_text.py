"""A check that did not pass, as one line of text."""

from __future__ import annotations

from assay.domain import CheckResult, CheckStatus


def tell_check(check: CheckResult) -> str:
    """Write which check of which table version said what."""
    verdict = "errored" if check.status is CheckStatus.ERRORED else "failed"
    name = f"{check.check} on {check.column}" if check.column else check.check
    return (
        f"  {check.table}@{check.version}: {name} {verdict} ({check.severity.value}):"
        f" {check.message or f'found {check.observed}, expected {check.expected}'}"
    )
