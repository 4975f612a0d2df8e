"""Quarantined rows as text: counts, lists, one row's story. Only `show` writes values."""

from __future__ import annotations

from collections.abc import Sequence

from assay.cli.text_table import format_count, format_table, format_time, indent
from assay.domain import Contract, QuarantineEntry, RowPlace, RowState
from assay.pipeline.quarantine.replay import ReplayOutcome, why_not_mended
from assay.pipeline.quarantine.rows import (
    WAITING,
    QuarantineCount,
    QuarantinedRow,
    RowFilter,
    RowStory,
)


def render_counts(
    counts: Sequence[QuarantineCount], target: str, chosen: RowFilter, run_id: str
) -> str:
    """Write how many rows of each table are in each state; tables without rows are left out.

    Where there is none it is said which rows of what ``target`` names were ``chosen``: a name may
    be mistyped, and other tables have rows.
    """
    headers = ("table", *(state.value for state in RowState))
    rows = [
        (f"{each.product}.{each.table}", *(each.rows.get(state, 0) for state in RowState))
        for each in counts
        if each.rows
    ]
    where = f" of run {run_id}" if run_id else ""
    if not rows:
        of = f" of {target}" if target else ""
        load = f" of load {chosen.load_id}" if chosen.load_id else ""
        rule = f" that broke the rule '{chosen.rule}'" if chosen.rule else ""
        return f"No row{of}{load}{rule} is in quarantine{where}."
    return format_table(headers, rows, right=headers[1:])


def render_rows(contract: Contract, rows: Sequence[QuarantinedRow], total: int, run_id: str) -> str:
    """Write rows one a line, and what to type next."""
    headers = ("load", "row", "state", "first seen", "rules broken", "source")
    lines = [
        (
            row.place.load_id,
            row.place.row_number,
            row.state.value,
            format_time(row.first_seen_at_utc),
            ", ".join(row.rules_broken),
            row.source_file + (f" (again: {_name(row.replay_of)})" if row.replay_of else ""),
        )
        for row in rows
    ]
    table = f"{contract.product}.{contract.table}"
    text = f"{table}:\n{indent(format_table(headers, lines, right=('row',)))}"
    if len(lines) < total:
        text += f"\n  the first {len(lines):,} of {total:,}: --limit 0 lists all"
    load_id, number, *_ = lines[0]
    run = f" --run {run_id}" if run_id else ""
    text += f"\n  one row: assay quarantine show {load_id} {number}{run}"
    if any(row.state in WAITING for row in rows):
        why = "to read:" if why_not_mended(contract, run_id) else "to mend:"
        text += f"\n  {why} assay quarantine export {table} --csv FILE{run}"
    return text


def render_story(story: RowStory) -> str:
    """Write one row with its texts, its rules and what was said about it."""
    row, last = story.row, story.words[-1] if story.words else None
    rules = {rule.name: rule.description for rule in story.contract.row_rules}
    lines = [
        f"Row {row.place.row_number} of load {row.place.load_id}"
        f" ({row.product}.{row.table}, {row.source_file}) is {row.state.value}.",
        f"First seen at {format_time(row.first_seen_at_utc)}"
        + (f"; a replay of {_name(row.replay_of)}" if row.replay_of else ""),
        "Rules broken:",
        *(
            f"  {name}" + (f": {rules[name]}" if rules.get(name) else "")
            for name in row.rules_broken
        ),
        _render_values(row, last),
    ]
    if story.words:
        lines += ["What was done:", *(f"  {_tell(word)}" for word in story.words)]
    if story.replay is not None and last is not None:
        load_id, disposition = story.replay.load.load_id, story.replay.disposition
        lines.append(f"It is row {last.replay_row} of load {load_id} now, which is {disposition}.")
    return "\n".join(lines)


def render_replays(done: Sequence[ReplayOutcome], target: str) -> str:
    """Write what was sent, and what takes it up."""
    lines = []
    for each in done:
        table = f"{each.contract.product}.{each.contract.table}"
        if each.rows:
            lines.append(f"{format_count(each.rows, 'row')} of {table} sent again")
        lines += [
            f"  {load.load_id}  {load.source_name}: {format_count(load.row_count, 'row')}"
            for load in each.landed
        ]
    if not lines:
        return (
            f"Nothing to replay: no row of {target} is repaired."
            " (--as-is sends open rows as they are.)"
        )
    return "\n".join([*lines, f"The next run takes it: assay run {target.partition('.')[0]}"])


def _render_values(row: QuarantinedRow, last: QuarantineEntry | None) -> str:
    mended = last.values if last is not None else {}
    if not mended:
        return format_table(
            ("column", "as delivered"), [(n, _quote(v)) for n, v in row.values.items()]
        )
    lines = [
        (name, _quote(text), _quote(mended[name]) if mended.get(name, text) != text else "")
        for name, text in row.values.items()
    ]
    return format_table(("column", "as delivered", "mended"), lines)


def _tell(word: QuarantineEntry) -> str:
    reason = f": {word.reason}" if word.reason else ""
    done = "reopened" if word.state is RowState.OPEN else word.state.value
    return f"{format_time(word.at_utc)}  {done} by {word.actor}{reason}"


def _name(place: RowPlace) -> str:
    return f"row {place.row_number} of {place.load_id}"


def _quote(text: str) -> str:
    """Show where a text begins and ends, and what cannot be seen."""
    return repr(text)
