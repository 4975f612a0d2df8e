"""`make run`'s demo, cut to two months: killed in the middle, taken up again, then idle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.config import read_settings
from assay.pipeline import Project, open_project, run_sql

ROOT = Path(__file__).parents[2]
ENTRYPOINT = ROOT / "deploy" / "airflow" / "entrypoint.sh"
FIGURES = (
    "select count(*), count(*) filter (carrier = 'UA'), count(*) filter (dep_time is null),"
    " round(avg(dep_delay), 2) from gold.fct_flights"
)
PATIENCE_SECONDS = 400


def start_demo(tmp_path: Path, months: int) -> subprocess.Popen[str]:
    """Start the demo with the first months of the year, in a session of its own."""
    code = (
        "import sys, assay.airflow.demo as demo;"
        f" demo.MONTHS = range(1, {months} + 1); sys.exit(demo.main())"
    )
    names = {"AIRFLOW_HOME": "home", "ASSAY_LAKE": "lake", "ASSAY_DELIVERIES": "deliveries"}
    dropped = ("AIRFLOW__", "OPA_URL", "VAULT_", "ASSAY_LINEAGE_URL")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    environment |= {name: str(tmp_path / folder) for name, folder in names.items()}
    return subprocess.Popen(
        [str(ENTRYPOINT), "with", sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(demo: subprocess.Popen[str]) -> str:
    output, _ = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 0, output
    return output


def wait_until(condition: Callable[[], bool], demo: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert demo.poll() is None, "the demo ended before it could be killed"
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.2)


def open_lake(tmp_path: Path) -> Project:
    values = {"ASSAY_LAKE": str(tmp_path / "lake"), "ASSAY_PROJECT": str(ROOT)}
    return open_project(read_settings(values))


def figures(project: Project) -> list[object]:
    return list(run_sql(project, FIGURES).to_pylist()[0].values())


def test_the_demo_is_killed_taken_up_again_and_then_idle(tmp_path: Path) -> None:
    project = open_lake(tmp_path)
    first = start_demo(tmp_path, months=2)
    wait_until(lambda: len(project.records.runs_of("flights")) == 2, first)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()

    second = finish(start_demo(tmp_path, months=2))
    assert "Release 2 of flights" in second
    assert [release.number for release in project.releases.all("flights")] == [1, 2]
    assert figures(project) == [51955, 8983, 1782, 10.41]

    third = finish(start_demo(tmp_path, months=2))
    assert third.startswith("Nothing to do: no new delivery and no change.\n")
    assert len(project.releases.all("flights")) == 2


@pytest.mark.soak
def test_a_year_of_flights_has_the_known_figures(tmp_path: Path) -> None:
    finish(start_demo(tmp_path, months=12))
    project = open_lake(tmp_path)
    assert len(project.releases.all("flights")) == 12
    assert figures(project) == [336776, 58665, 8255, 12.64]
    joined = "select count(*) from gold.fct_departure_weather"
    assert run_sql(project, joined).to_pylist()[0]["count_star()"] == 336776
