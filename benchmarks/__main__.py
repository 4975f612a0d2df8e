"""Measures Assay and writes ``RESULTS.md``. What the figures mean: README.md."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.checks import run_checks, run_splits
from benchmarks.checks_report import write_checks, write_splits
from benchmarks.data import ROWS_A_YEAR
from benchmarks.delta import BUILDERS, run_builds, run_merge_sizes, run_projects
from benchmarks.delta_report import write_builds, write_limited, write_merges, write_project
from benchmarks.report import describe_machine, write_small, write_whole
from benchmarks.results import replace_section
from benchmarks.small_deliveries import run_months
from benchmarks.whole_deliveries import run_turns

HERE = Path(__file__).resolve().parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assay-benchmarks"
_FLIGHTS = ("floor", "pipeline", "airflow")
_ALL = ",".join([*_FLIGHTS, "tasks", "builds", "limited", "merges", "project", "audit", "split"])

# Pandas is measured on the first size only.
_AUDIT_ROWS = (1_000_000, 10_000_000)


def main() -> None:
    """Measure what was asked for, and put each section into the report."""
    given = _arguments()
    only = given.only.split(",")
    given.cache.mkdir(parents=True, exist_ok=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    contenders = [each for each in only if each in _FLIGHTS]
    for rows in given.rows if contenders else ():
        turns = run_turns(given.cache, rows, contenders, given.runs)
        command = f"--only {','.join(contenders)} --rows {rows} --runs {given.runs}"
        _keep(given.output, f"flights-{rows}", command, write_whole(rows, turns))
    if "tasks" in only:
        lines = write_small(run_months(given.cache / "months", given.months))
        _keep(given.output, "tasks", f"--only tasks --months {given.months}", lines)
    for rows in _AUDIT_ROWS if "audit" in only else ():
        lines = write_checks(rows, run_checks(given.cache, rows, given.runs))
        _keep(given.output, f"audit-{rows}", f"--only audit --runs {given.runs}", lines)
    for rows in _AUDIT_ROWS if "split" in only else ():
        lines = write_splits(run_splits(given.cache, rows, given.runs))
        _keep(given.output, f"split-{rows}", f"--only split --runs {given.runs}", lines)
    for topic, measure in _DELTA.items():
        if topic in only:
            sizes = given.delta_rows or _DELTA_ROWS[topic]
            asked = ",".join(map(str, sizes))
            command = f"--only {topic} --delta-rows {asked} --runs {given.runs}"
            _keep(given.output, topic, command, measure(given.cache / "delta", sizes, given.runs))


def _keep(output: Path, name: str, command: str, lines: Sequence[str]) -> None:
    text = [
        *lines,
        "",
        f"{describe_machine()}; {datetime.now(UTC):%Y-%m-%d}; `python -m benchmarks {command}`",
    ]
    print("\n".join(text), flush=True)
    replace_section(output, name, text)


def _builds(cache: Path, sizes: Sequence[int], runs: int) -> list[str]:
    rows = sizes[0]
    through_dbt = run_projects(cache, rows, runs, is_single=True)
    return write_builds(rows, run_builds(cache, rows, BUILDERS, runs), through_dbt)


def _limited(cache: Path, sizes: Sequence[int], runs: int) -> list[str]:
    found = run_builds(cache, sizes[0], ("floor", "assay"), runs, _MEMORY_LIMIT)
    return write_limited(sizes[0], _MEMORY_LIMIT, found)


def _merges(cache: Path, sizes: Sequence[int], runs: int) -> list[str]:
    return write_merges(run_merge_sizes(cache, sizes, runs))


def _project(cache: Path, sizes: Sequence[int], runs: int) -> list[str]:
    return write_project(sizes[0], run_projects(cache, sizes[0], runs, is_single=False))


# Less than the 1 GB that the whole process shall stay within.
_MEMORY_LIMIT = "700MB"
_DELTA: dict[str, Callable[[Path, Sequence[int], int], list[str]]] = {
    "builds": _builds,
    "limited": _limited,
    "merges": _merges,
    "project": _project,
}
_DELTA_ROWS = {
    "builds": (10_000_000,),
    "limited": (50_000_000,),
    "merges": (1_000_000, 10_000_000, 30_000_000),
    "project": (1_000_000,),
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rows",
        type=_sizes,
        default=[ROWS_A_YEAR, 10_000_000],
        help="numbers of flights, comma-separated (default: a year's and ten million)",
    )
    parser.add_argument(
        "--delta-rows",
        type=_sizes,
        help="numbers of rows for one of builds, limited, merges, project",
    )
    parser.add_argument("--runs", type=int, default=3, help="rounds of each size (default 3)")
    parser.add_argument(
        "--months", type=int, default=5, help="warm months for `tasks`, at most 11 (default 5)"
    )
    parser.add_argument("--only", default=_ALL, help=f"some of {_ALL}")
    parser.add_argument("--cache", type=Path, default=_CACHE, help="folder for generated data")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="the report")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
