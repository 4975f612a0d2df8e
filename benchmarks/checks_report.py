"""Writes what fifty rules cost, as a table against the hand-written pass."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.checks import SPLIT_STEPS, Split
from benchmarks.report import show_spread
from benchmarks.whole_deliveries import Turn

_NAMES = {
    "sql": "one hand-written SQL pass",
    "audit": "Assay's audit",
    "imports": "(the audit's imports alone)",
    "pandas": "GX on pandas",
    "dbt": "dbt tests",
}


def write_checks(rows: int, turns: Sequence[Turn]) -> list[str]:
    """Fifty rules: what each contender costs, against the hand-written pass."""
    present = [name for name in _NAMES if any(turn.contender == name for turn in turns)]
    costs = {n: [turn.cost for turn in turns if turn.contender == n] for n in present}
    warm = [
        (audit.cpu_seconds - imports.cpu_seconds) / sql.cpu_seconds
        for audit, imports, sql in zip(costs["audit"], costs["imports"], costs["sql"], strict=True)
    ]
    lines = [
        f"## 25 row rules and 25 table-level ones on {rows:,} orders, {len(warm)} interleaved runs",
        "",
        "| | CPU s | wall s | peak memory GB | CPU, times SQL |",
        "|---|---|---|---|---|",
    ]
    for name, own in costs.items():
        ratios = [
            mine.cpu_seconds / sql.cpu_seconds for mine, sql in zip(own, costs["sql"], strict=True)
        ]
        measured = [
            show_spread([cost.cpu_seconds for cost in own]),
            show_spread([cost.wall_seconds for cost in own]),
            show_spread([cost.peak_bytes / 2**30 for cost in own], 2),
            show_spread(ratios, 2),
        ]
        lines.append(f"| {_NAMES[name]} | {' | '.join(measured)} |")
    return [*lines, "", f"The audit without its imports: {show_spread(warm, 2)} times SQL.", ""]


def write_splits(splits: Sequence[Split]) -> list[str]:
    """What it costs to split rows with their reasons, against writing them plainly."""
    lines = [
        f"## {splits[0].rows:,} rows split by 25 rules, against a plain Delta write of the same",
        "",
        "| bad rows | plain write, CPU s | `write_deltalake`, CPU s | judged only, CPU s"
        " | split, CPU s | judged, times plain | split, times plain"
        " | split, times `write_deltalake` |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for step in SPLIT_STEPS:
        own = [each for each in splits if each.step == step]
        share = 100 * own[0].quarantined / own[0].rows
        measured = [
            show_spread([each.floor for each in own]),
            show_spread([each.deltalake for each in own]),
            show_spread([each.judged for each in own]),
            show_spread([each.split for each in own]),
            show_spread([each.judged / each.floor for each in own], 2),
            show_spread([each.split / each.floor for each in own], 2),
            show_spread([each.split / each.deltalake for each in own], 2),
        ]
        lines.append(f"| {share:.1f} % | {' | '.join(measured)} |")
    return [*lines, ""]
