"""A run's summary as text: what `assay run` and `make run` end with."""

from __future__ import annotations

from assay.cli.check_text import tell_check
from assay.cli.text_table import format_count, format_table, indent, shorten
from assay.cli.waiting import describe_waiting
from assay.domain import Layer
from assay.pipeline.summary import LineageSummary, RunSummary, TableSummary
from assay.quality import CheckCounts

_HEADERS = ("table", "rows", "version", "passed", "warned", "failed", "errored")


def render_summary(summary: RunSummary) -> str:
    """Write a summary as text of several lines.

    Empty quarantine tables are counted and not listed; a star marks a version that the run made.
    """
    shown = [t for t in summary.tables if t.rows or t.table.layer is not Layer.QUARANTINE]
    empty = len(summary.tables) - len(shown)
    parts = [
        f"Release {summary.release} of {summary.product}"
        f" ({_describe_checks(summary.checks)}), by run {summary.run_id}",
        format_table(_HEADERS, [_row(table) for table in shown], right=_HEADERS[1:]),
        "* this run made this version"
        + (f"; {format_count(empty, 'quarantine table')} without rows not listed" if empty else ""),
        "",
        *_describe_not_passed(summary),
        _describe_quarantine(summary),
        *_describe_repeated(summary),
        *describe_waiting(summary.pending, summary.product),
        *(f"warning: {each}" for each in summary.warnings),
        _describe_lineage(summary.lineage),
        "",
        "What to type next:",
        indent("\n".join(summary.next_commands)),
    ]
    return "\n".join(parts)


def _row(table: TableSummary) -> tuple[object, ...]:
    checks = table.checks
    name = f"{table.table}{' *' if table.is_new else ''}"
    return (
        name,
        table.rows,
        str(table.version),
        checks.passed,
        checks.warned,
        checks.failed,
        checks.errored,
    )


def _describe_checks(checks: CheckCounts) -> str:
    states = [
        f"{count:,} {state}"
        for state, count in (
            ("warned", checks.warned),
            ("failed", checks.failed),
            ("errored", checks.errored),
        )
        if count
    ]
    return ", ".join([f"{format_count(checks.passed, 'check')} passed", *states])


def _describe_not_passed(summary: RunSummary) -> list[str]:
    lines = [tell_check(check) for table in summary.tables for check in table.not_passed]
    return ["Checks that did not pass:", *lines] if lines else []


def _describe_quarantine(summary: RunSummary) -> str:
    loads = format_count(len(summary.loads), "load")
    own = [each for each in summary.quarantined if each.rows]
    lines = [f"Quarantined: no row of {loads}" if summary.loads else "No load was taken in."]
    if own:
        lines = [f"Quarantined of {loads} (a row that broke two rules counts under both):"]
    for each in own:
        lines.append(f"  {each.table}: {format_count(each.rows, 'row')}")
        lines += [f"    {rule}: {count:,}" for rule, count in each.rows_by_rule.items()]
    earlier = [each for each in summary.quarantined if each.earlier_rows]
    if earlier:
        lines.append("Still waiting in quarantine, of earlier loads:")
    lines += [f"  {each.table}: {format_count(each.earlier_rows, 'row')}" for each in earlier]
    return "\n".join(lines)


def _describe_repeated(summary: RunSummary) -> list[str]:
    """Name the files that said again what was known."""
    if not summary.repeated_rows:
        return []
    total = format_count(sum(summary.repeated_rows.values()), "row")
    files = list(summary.repeated_rows.items())
    lines = [f"  {name}: {format_count(rows, 'row')}" for name, rows in files]
    return [
        f"Delivered before, and kept once: {total}. Nothing is to be done.",
        *shorten(lines, "file", f"assay explain {summary.run_id}"),
    ]


def _describe_lineage(lineage: LineageSummary) -> str:
    text = f"Lineage: {lineage.file}"
    if lineage.endpoint:
        text += f"\n  and {lineage.endpoint}"
    if lineage.undelivered:
        text += (
            f"; {format_count(lineage.undelivered, 'event')} not delivered yet, kept in the lake"
            " (send again: `assay lineage --resend`)"
        )
    return text
