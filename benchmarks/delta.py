"""Delta tables against their peers: full builds, merges, a dbt project. Contenders take turns."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.delta_merges import KEYS, new_rows_path, table_path
from benchmarks.delta_project import KINDS, fifty_models, one_model, write_project
from benchmarks.delta_source import source_path
from benchmarks.measuring import Cost, measure

BUILDERS = ("floor", "assay", "assay-checked", "delta-rs", "polars", "polars-stream")
MERGERS = ("rewrite", "assay", "assay-rewrite", "delta-rs")


@dataclass(frozen=True)
class Work:
    """One run of one contender. ``cpu_seconds`` and ``wall_seconds`` are of the work alone;
    ``whole`` is what its process took, start and imports included."""

    contender: str
    cpu_seconds: float
    wall_seconds: float
    whole: Cost


def run_builds(
    cache: Path, rows: int, contenders: Sequence[str], runs: int, memory_limit: str = ""
) -> list[Work]:
    """Build a table of so many rows, each time anew.

    Raises:
        SystemExit: a contender failed, or wrote another number of rows.
    """
    measure(["benchmarks.delta_source", str(cache), str(rows)], {})
    source, target = source_path(cache, rows), cache / "target"
    found = []
    for _ in range(runs):
        for contender in contenders:
            shutil.rmtree(target, ignore_errors=True)
            command = ["benchmarks.delta_builds", contender, str(source), str(target)]
            command += ["--memory-limit", memory_limit] if memory_limit else []
            found.append(_work(contender, measure(command, {}), rows))
    shutil.rmtree(target, ignore_errors=True)
    return found


def run_merges(cache: Path, rows: int, keys: str, runs: int) -> list[Work]:
    """Merge 100,000 rows into a table of so many rows, which is as it was each time.

    Raises:
        SystemExit: a contender failed, or ended with another number of rows.
    """
    measure(["benchmarks.delta_merges", "make", str(cache), str(rows)], {})
    new, target = new_rows_path(cache, rows, keys), cache / "target"
    found = []
    for _ in range(runs):
        for contender in MERGERS:
            shutil.rmtree(target, ignore_errors=True)
            # Files of a Delta table never change: links are as good as copies.
            shutil.copytree(table_path(cache, rows), target, copy_function=os.link)
            command = ["benchmarks.delta_merges", "merge", contender, str(new), str(target)]
            found.append(_work(contender, measure(command, {}), rows + 10_000))
    shutil.rmtree(target, ignore_errors=True)
    return found


def run_merge_sizes(
    cache: Path, sizes: Sequence[int], runs: int
) -> dict[tuple[str, int], list[Work]]:
    """Merge into tables of several sizes, with keys of each kind."""
    return {(keys, rows): run_merges(cache, rows, keys, runs) for keys in KEYS for rows in sizes}


def run_projects(cache: Path, rows: int, runs: int, *, is_single: bool) -> list[Work]:
    """Build a dbt project of one model or of fifty, as Parquet and as Delta.

    Raises:
        SystemExit: dbt failed.
    """
    measure(["benchmarks.delta_source", str(cache), str(rows)], {})
    source = source_path(cache, rows)
    models = one_model(source) if is_single else fifty_models(source)
    found = []
    for _ in range(runs):
        for kind in KINDS:
            folder = cache / f"dbt-{kind}"
            write_project(folder, kind, models)
            cost = measure(["benchmarks.run_dbt", str(folder)], {})
            if cost.output != str(len(models)):
                raise SystemExit(f"{kind} built {cost.output} models of {len(models)}")
            found.append(Work(f"dbt-{kind}", cost.cpu_seconds, cost.wall_seconds, cost))
            shutil.rmtree(folder)
    return found


def _work(contender: str, cost: Cost, rows: int) -> Work:
    found = json.loads(cost.output)
    if found["rows"] != rows:
        raise SystemExit(f"{contender} ended with {found['rows']} rows of {rows}")
    return Work(contender, found["cpu"], found["wall"], cost)
