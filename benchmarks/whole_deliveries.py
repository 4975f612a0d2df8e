"""One delivery of a size, from nothing to gold: floor, pipeline and Airflow by turns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.airflow import open_stack
from benchmarks.data import deliveries_folder
from benchmarks.measuring import Cost, measure


@dataclass(frozen=True)
class Turn:
    """One run of one contender."""

    contender: str
    cost: Cost


def run_turns(folder: Path, rows: int, contenders: Sequence[str], runs: int) -> list[Turn]:
    """Run the contenders by turns, A B C A B C …, each into a lake of its own that is new.

    Raises:
        SystemExit: a contender failed, or did not end with the rows that were delivered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    measure(["benchmarks.data", str(folder), str(rows)], {})
    deliveries = deliveries_folder(folder, rows)
    turns = []
    for _ in range(runs):
        for contender in contenders:
            lake = folder / f"lake-{contender}"
            shutil.rmtree(lake, ignore_errors=True)
            cost = _CONTENDERS[contender](deliveries, lake)
            if int(cost.output) != rows:
                raise SystemExit(f"{contender} ended with {cost.output} flights of {rows}")
            turns.append(Turn(contender, cost))
            shutil.rmtree(lake, ignore_errors=True)
    return turns


def _run_floor(deliveries: Path, lake: Path) -> Cost:
    return measure(["benchmarks.floor", str(deliveries), str(lake)], {})


def _run_pipeline(deliveries: Path, lake: Path) -> Cost:
    environment = {"ASSAY_DELIVERIES": str(deliveries), "ASSAY_LAKE": str(lake)}
    cost = measure(["benchmarks.pipeline"], environment)
    return Cost(
        cost.cpu_seconds, cost.wall_seconds, cost.peak_bytes, str(json.loads(cost.output)["rows"])
    )


def _run_airflow(deliveries: Path, lake: Path) -> Cost:
    """The DAG run alone: the stack is up before and is not counted until then."""
    environment = {"ASSAY_DELIVERIES": str(deliveries), "ASSAY_LAKE": str(lake)}
    with open_stack(lake.parent / "airflow-home", environment) as stack:
        before = stack.cpu_seconds()
        tasks = stack.run()
        used = stack.cpu_seconds() - before
        peak = stack.peak_bytes
    rows = measure(["benchmarks.released", "gold.fct_flights"], environment).output
    return Cost(used, tasks[-1].ended - tasks[0].began, peak, rows)


_CONTENDERS: dict[str, Callable[[Path, Path], Cost]] = {
    "floor": _run_floor,
    "pipeline": _run_pipeline,
    "airflow": _run_airflow,
}
