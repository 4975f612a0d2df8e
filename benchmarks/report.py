"""Writes what was measured as tables: medians with their ends, and ratios to the floor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psutil

from benchmarks.measuring import spread
from benchmarks.small_deliveries import AddedTime, Month
from benchmarks.whole_deliveries import Turn

NAMES = {
    "floor": "(a) plain DuckDB SQL",
    "pipeline": "(b) Assay without Airflow",
    "airflow": "(c) Assay through Airflow",
}


def describe_machine() -> str:
    """Cores and memory, nothing else."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory:.0f} GB of memory"


def write_whole(rows: int, turns: Sequence[Turn]) -> list[str]:
    """One table a size: CPU, wall and memory of each contender, and its ratios to the floor."""
    contenders = list(dict.fromkeys(turn.contender for turn in turns))
    runs = sum(turn.contender == contenders[0] for turn in turns)
    lines = [
        f"## {rows:,} flights, {runs} interleaved runs",
        "",
        "| | CPU s | wall s | peak memory GB | CPU, times (a) | wall, times (a) |",
        "|---|---|---|---|---|---|",
    ]
    for contender in contenders:
        costs = [turn.cost for turn in turns if turn.contender == contender]
        measured = [
            show_spread([cost.cpu_seconds for cost in costs]),
            show_spread([cost.wall_seconds for cost in costs]),
            show_spread([cost.peak_bytes / 2**30 for cost in costs], 2),
            _ratio(turns, contender, "cpu_seconds"),
            _ratio(turns, contender, "wall_seconds"),
        ]
        lines.append(f"| {NAMES[contender]} | {' | '.join(measured)} |")
    return [*lines, ""]


def write_small(months: Sequence[Month]) -> list[str]:
    """What Airflow added to each task."""
    tasks = [task for month in months for task in month.tasks]
    names = list(dict.fromkeys(task.task for task in tasks))
    lines = [
        f"## What Airflow adds to a task: {len(months)} warm months, about 28,000 flights each",
        "",
        "| task | through Airflow s | without s | added s |",
        "|---|---|---|---|",
        *(_task_line(name, [t for t in tasks if t.task == name]) for name in names),
        _task_line("**any task**", tasks),
        "",
        f"CPU seconds a month: {show_spread([m.stack_cpu for m in months])} of the whole stack (API"
        f" server, scheduler, DAG processor, triggerer and tasks),"
        f" {show_spread([m.pipeline_cpu for m in months])} without Airflow.",
    ]
    return [*lines, ""]


def _task_line(name: str, tasks: Sequence[AddedTime]) -> str:
    columns = [
        show_spread([task.through_airflow for task in tasks], 2),
        show_spread([task.without for task in tasks], 2),
        show_spread([task.added for task in tasks], 2),
    ]
    return f"| {name} | {' | '.join(columns)} |"


def _ratio(turns: Sequence[Turn], contender: str, measure: str) -> str:
    """Each run against the floor's run of the same round."""
    floors = [getattr(turn.cost, measure) for turn in turns if turn.contender == "floor"]
    own = [getattr(turn.cost, measure) for turn in turns if turn.contender == contender]
    if not floors or contender == "floor":
        return "1" if floors else ""
    return show_spread([mine / floor for mine, floor in zip(own, floors, strict=True)], 2)


def show_spread(values: Iterable[float], digits: int = 1) -> str:
    """Write the middle of several measurements with its ends, as in 1.2 (1.1–1.3)."""
    found = spread(list(values))
    if found.low == found.high:
        return f"{found.median:.{digits}f}"
    return f"{found.median:.{digits}f} ({found.low:.{digits}f}–{found.high:.{digits}f})"
