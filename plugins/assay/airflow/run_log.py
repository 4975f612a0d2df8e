"""What a task's log says of a run that went well: what `assay run` prints, as log lines.

A line names run and table and holds no row's values.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from assay.domain import CheckResult, CheckStatus, Severity

if TYPE_CHECKING:
    from assay.pipeline.summary import QuarantineSummary, RunSummary

_log = logging.getLogger(__name__)


def log_warned(results: Iterable[CheckResult]) -> None:
    """Log each check that failed without refusing its table."""
    from assay.quality import hide_keys

    for each in results:
        if each.status is CheckStatus.FAILED and each.severity is not Severity.CRITICAL:
            _log.warning(
                "check_warned run=%s table=%s version=%s check=%s column=%s severity=%s found: %s",
                each.run_id,
                each.table,
                each.version,
                each.check,
                each.column,
                each.severity.value,
                hide_keys(each.observed),
            )


def log_summary(summary: RunSummary) -> None:
    """Log what a run released, what it quarantined, and what waits for a person."""
    run = summary.run_id
    _log.info(
        "run_released run=%s product=%s release=%s passed=%s warned=%s",
        run,
        summary.product,
        summary.release,
        summary.checks.passed,
        summary.checks.warned,
    )
    for table in summary.tables:
        if table.is_new:
            _log.info(
                "table_released run=%s table=%s version=%s rows=%s",
                run,
                table.table,
                table.version,
                table.rows,
            )
        log_warned(table.not_passed)
    for quarantine in summary.quarantined:
        _log_quarantine(run, quarantine)
    for file, rows in summary.repeated_rows.items():
        _log.info("rows_repeated run=%s file=%s rows=%s", run, file, rows)
    for load in summary.pending.refused:
        _log.warning("load_waiting run=%s load=%s %s", run, load.load_id, load.reason)
    pending = summary.pending
    if pending.held_back or pending.withheld:
        held, withheld = len(pending.held_back), len(pending.withheld)
        _log.warning("loads_held run=%s behind_refused=%s withheld=%s", run, held, withheld)
    for warning in summary.warnings:
        _log.warning("product_warning run=%s %s", run, warning)
    if summary.lineage.undelivered:
        _log.warning("lineage_undelivered run=%s events=%s", run, summary.lineage.undelivered)


def _log_quarantine(run: str, found: QuarantineSummary) -> None:
    if found.rows:
        _log.warning(
            "rows_quarantined run=%s table=%s rows=%s rules: %s",
            run,
            found.table,
            found.rows,
            ", ".join(f"{rule} {count:,}" for rule, count in found.rows_by_rule.items()),
        )
    if found.earlier_rows:
        _log.warning(
            "rows_waiting run=%s table=%s rows=%s of earlier loads",
            run,
            found.table,
            found.earlier_rows,
        )
