"""Measures Assay and writes ``RESULTS.md``. What the figures mean: README.md."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.data import ROWS_A_YEAR
from benchmarks.report import describe_machine, write_small, write_whole
from benchmarks.small_deliveries import run_months
from benchmarks.whole_deliveries import run_turns

HERE = Path(__file__).resolve().parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assay-benchmarks"
_ALL = "floor,pipeline,airflow,tasks"


def main() -> None:
    """Measure what was asked for, and write the report."""
    given = _arguments()
    only = given.only.split(",")
    given.cache.mkdir(parents=True, exist_ok=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    lines = _heading(given)
    contenders = [each for each in only if each != "tasks"]
    for rows in given.rows if contenders else ():
        turns = run_turns(given.cache, rows, contenders, given.runs)
        lines += write_whole(rows, turns)
    if "tasks" in only:
        lines += write_small(run_months(given.cache / "months", given.months))
    report = "\n".join(lines).rstrip() + "\n"
    print(report)
    given.output.write_text(report, encoding="utf-8")


def _heading(given: argparse.Namespace) -> list[str]:
    asked = ",".join(str(rows) for rows in given.rows)
    return [
        "# Results",
        "",
        f"{describe_machine()}; {datetime.now(UTC):%Y-%m-%d}. Median (lowest–highest)."
        " What is measured, and what is not: [README](README.md).",
        "",
        f"`python -m benchmarks --rows {asked} --runs {given.runs} --months {given.months}"
        f" --only {given.only}`",
        "",
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rows",
        type=lambda text: [int(part) for part in text.split(",")],
        default=[ROWS_A_YEAR, 10_000_000],
        help="sizes, comma-separated (default: a year of flights and ten million)",
    )
    parser.add_argument("--runs", type=int, default=3, help="rounds of each size (default 3)")
    parser.add_argument(
        "--months", type=int, default=5, help="warm months for `tasks`, at most 11 (default 5)"
    )
    parser.add_argument("--only", default=_ALL, help=f"some of {_ALL}")
    parser.add_argument("--cache", type=Path, default=_CACHE, help="folder for generated data")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="the report")
    return parser.parse_args()


if __name__ == "__main__":
    main()
