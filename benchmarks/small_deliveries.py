"""What Airflow adds to a task: a month of flights at a time, with it and without it by turns.

Both start with January and are warm when February comes, which is the first month that counts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assay.airflow.demo_deliveries import deliver_month
from benchmarks.airflow import Stack, TaskTime, open_stack

_COLD_MONTHS = 1


@dataclass(frozen=True)
class AddedTime:
    """One task in one month: its seconds through Airflow and its stage's without it.

    ``through_airflow`` runs from the end of the task before to this one's own end; of the first
    task, from its start.
    """

    month: int
    task: str
    through_airflow: float
    without: float

    @property
    def added(self) -> float:
        return self.through_airflow - self.without


@dataclass(frozen=True)
class Month:
    """One month: each task's times, and the CPU seconds of the stack and of the pipeline."""

    tasks: tuple[AddedTime, ...]
    stack_cpu: float
    pipeline_cpu: float


def run_months(folder: Path, months: int) -> list[Month]:
    """Run months through both, by turns; return the warm ones."""
    shutil.rmtree(folder, ignore_errors=True)
    sides = {side: _environment(folder / side) for side in ("airflow", "pipeline")}
    found = []
    with (
        _open_pipeline(sides["pipeline"]) as pipeline,
        open_stack(folder / "airflow-home", sides["airflow"]) as stack,
    ):
        for month in range(1, _COLD_MONTHS + months + 1):
            deliver_month(Path(sides["pipeline"]["ASSAY_DELIVERIES"]), month)
            without = _run_once(pipeline)
            deliver_month(Path(sides["airflow"]["ASSAY_DELIVERIES"]), month)
            found.append(_run_month(stack, month, without))
    return found[_COLD_MONTHS:]


def _run_month(stack: Stack, month: int, without: Mapping[str, Mapping[str, float]]) -> Month:
    before = stack.cpu_seconds()
    tasks = stack.run()
    used = stack.cpu_seconds() - before
    return Month(_added(month, tasks, without["wall"]), used, sum(without["cpu"].values()))


def _added(month: int, tasks: list[TaskTime], stages: Mapping[str, float]) -> tuple[AddedTime, ...]:
    starts = [tasks[0].began, *(task.ended for task in tasks)]
    return tuple(
        AddedTime(month, task.task, task.ended - start, stages[task.task])
        for task, start in zip(tasks, starts, strict=False)
    )


def _environment(folder: Path) -> dict[str, str]:
    return {
        "ASSAY_LAKE": str(folder / "lake"),
        "ASSAY_DELIVERIES": str(folder / "deliveries"),
    }


@contextmanager
def _open_pipeline(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.pipeline", "--each-line"],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _run_once(process: subprocess.Popen[str]) -> dict[str, dict[str, float]]:
    if process.stdin is None or process.stdout is None:
        raise SystemExit("the pipeline has no standard streams")
    process.stdin.write("\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit("the pipeline ended without an answer")
    found: dict[str, dict[str, float]] = json.loads(line)
    return found
