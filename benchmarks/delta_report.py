"""Writes what was measured of Delta tables as tables of medians, their ends, and ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.delta import Work
from benchmarks.report import show_spread

NAMES = {
    "floor": "floor: DuckDB `COPY` to Parquet",
    "assay": "Assay",
    "assay-checked": "Assay, two NOT NULL and two CHECK constraints",
    "assay-rewrite": "Assay, told to rewrite",
    "delta-rs": "delta-rs `write_deltalake`, a stream",
    "polars": "polars `write_delta`",
    "polars-stream": "polars `sink_delta`",
    "rewrite": "plain DuckDB: all rows anew, to Parquet",
    "dbt-external": "dbt-duckdb `external`, Parquet",
    "dbt-delta": "Assay's `table`, Delta",
}
_MERGE_NAMES = {"delta-rs": "delta-rs `merge`, not streamed"}


def write_builds(rows: int, found: Sequence[Work], through_dbt: Sequence[Work]) -> list[str]:
    """Full builds: each contender against the floor, and the two dbt projects."""
    return [
        f"## Delta: full build of {rows:,} rows × 10 columns, {_runs(found)} interleaved runs",
        "",
        *_table(found, "floor"),
        "",
        "The same rows through dbt, one model; CPU and wall of the whole process:",
        "",
        *_table(through_dbt, "dbt-external"),
    ]


def write_limited(rows: int, memory_limit: str, found: Sequence[Work]) -> list[str]:
    """A build that has to do with little memory."""
    return [
        f"## Delta: full build of {rows:,} rows, DuckDB held to {memory_limit}",
        "",
        *_table(found, "floor"),
    ]


def write_merges(found: Mapping[tuple[str, int], Sequence[Work]]) -> list[str]:
    """Merges: by kind of keys a row for each size and contender."""
    runs = _runs(next(iter(found.values())))
    lines = [
        f"## Delta: merge of 100,000 rows, {runs} interleaved runs",
        "",
        "CPU seconds of the merge alone; 9 of 10 new rows have a key that is there."
        " `recent`: the newest keys; `spread`: every file has some.",
    ]
    sizes = list(dict.fromkeys(rows for _, rows in found))
    for keys in dict.fromkeys(keys for keys, _ in found):
        heads = " | ".join(f"into {rows:,}" for rows in sizes)
        last = f"{sizes[-1]:,} against {sizes[0]:,}"
        lines += [
            "",
            f"| {keys} | {heads} | {last} | peak memory GB |",
            "|---" * (len(sizes) + 3) + "|",
        ]
        for contender in dict.fromkeys(work.contender for work in found[keys, sizes[0]]):
            own = [[w for w in found[keys, rows] if w.contender == contender] for rows in sizes]
            columns = [show_spread([w.cpu_seconds for w in each], 2) for each in own]
            pairs = zip(own[-1], own[0], strict=True)
            columns.append(show_spread([b.cpu_seconds / a.cpu_seconds for b, a in pairs], 2) + "×")
            columns.append(show_spread([w.whole.peak_bytes / 2**30 for w in own[-1]], 2))
            name = _MERGE_NAMES.get(contender, NAMES[contender])
            lines.append(f"| {name} | {' | '.join(columns)} |")
    return lines


def write_project(rows: int, found: Sequence[Work]) -> list[str]:
    """A project of many models."""
    return [
        f"## Delta: a dbt project of 50 models on {rows:,} rows, {_runs(found)} interleaved runs",
        "",
        "CPU and wall of the whole process: dbt's start, a fresh parse, 50 models, 2 threads.",
        "",
        *_table(found, "dbt-external"),
    ]


def _table(found: Sequence[Work], base: str) -> list[str]:
    lines = [
        "| | CPU s | wall s | CPU s with start | peak memory GB | CPU, times the first |",
        "|---|---|---|---|---|---|",
    ]
    first = [work.cpu_seconds for work in found if work.contender == base]
    for contender in dict.fromkeys(work.contender for work in found):
        own = [work for work in found if work.contender == contender]
        ratios = [work.cpu_seconds / floor for work, floor in zip(own, first, strict=True)]
        columns = [
            show_spread([work.cpu_seconds for work in own], 2),
            show_spread([work.wall_seconds for work in own], 2),
            show_spread([work.whole.cpu_seconds for work in own], 2),
            show_spread([work.whole.peak_bytes / 2**30 for work in own], 2),
            "1" if contender == base else show_spread(ratios, 2),
        ]
        lines.append(f"| {NAMES[contender]} | {' | '.join(columns)} |")
    return lines


def _runs(found: Sequence[Work]) -> int:
    return sum(work.contender == found[0].contender for work in found)
