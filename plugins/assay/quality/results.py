"""What every check result of one audit has in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay.domain import CheckResult, CheckStatus, Severity, TableVersion


@dataclass(frozen=True)
class AuditedTable:
    """A table version under audit. ``rows`` is how many it has."""

    run_id: str
    product: str
    table_version: TableVersion
    rows: int
    checked_at_utc: datetime

    def result(
        self,
        suite: str,
        check: str,
        status: CheckStatus,
        severity: Severity,
        *,
        observed: str,
        expected: str,
        message: str,
        column: str = "",
        unexpected_count: int = 0,
    ) -> CheckResult:
        """Make the result of one check of this table version."""
        return CheckResult(
            run_id=self.run_id,
            product=self.product,
            table=str(self.table_version.table),
            version=self.table_version.version,
            suite=suite,
            check=check,
            column=column,
            severity=severity,
            status=status,
            observed=observed,
            expected=expected,
            unexpected_count=unexpected_count,
            row_count=self.rows,
            message=message,
            checked_at_utc=self.checked_at_utc,
        )
