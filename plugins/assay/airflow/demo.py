"""`make run`: a year of real flights through Airflow, a month at a time, to a release each.

Safe to stop anywhere and to start again: what is released is not done again. Airflow's own log
goes to a file; the terminal shows progress and then what happened.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from assay.airflow.demo_deliveries import MONTHS, PRODUCT, deliver_month, monthly_files
from assay.config import Settings, read_settings
from assay.errors import AssayError
from assay.pipeline import Project, has_work, open_project, read_pending

if TYPE_CHECKING:
    from airflow.sdk import DAG

_POLL_SECONDS = 0.7


def main() -> int:
    """Run the demo; return the exit code."""
    settings = read_settings()
    log_path = Path(os.environ["AIRFLOW_HOME"]) / "logs" / "demo.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with _airflow_output_in(log_path) as terminal:
        console = Console(file=terminal)
        try:
            ran = _run_months(settings, console, log_path)
        except AssayError as error:
            console.print(f"\n[bold red]The demo stopped.[/]\n{error}", highlight=False)
            console.print(f"Airflow's log: {log_path}", highlight=False)
            return 1
    if not ran:
        sys.stdout.write("Nothing to do: no new delivery and no change.\n")
        sys.stdout.flush()
    summary = [sys.executable, "-m", "assay", "summary", PRODUCT]
    return subprocess.run(summary, check=False).returncode


def _run_months(settings: Settings, console: Console, log_path: Path) -> bool:
    """Deliver and run each month that is not released yet; return whether anything ran."""
    project = open_project(settings)
    due = [month for month in MONTHS if _is_due(project, month)]
    if not due and not has_work(project, PRODUCT):
        return False
    what = f"{len(due)} months of flights" if due else "changed definitions"
    console.print(f"Taking {what} through Airflow (log: {log_path})", soft_wrap=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} months"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        shown = progress.add_task("starting Airflow", total=max(len(due), 1))
        _prepare_airflow()
        for month in due or [0]:
            label = f"2013-{month:02d}" if month else "changed definitions"
            if not month or _is_due(project, month):
                deliver_month(settings.deliveries_path, month)
                with _stage_shown(project, partial(_show, progress, shown, label)):
                    _run_dag(project)
            progress.advance(shown)
            if not console.is_terminal:
                console.print(f"{label}: in release {_release_number(project)}")
    return True


def _show(progress: Progress, task: TaskID, label: str, stage: str) -> None:
    progress.update(task, description=f"{label}: {stage}")


def _names(month: int) -> set[str]:
    return {name.split("/")[-1] for name in monthly_files(month)}


def _is_due(project: Project, month: int) -> bool:
    """Tell whether a month is not landed yet, or landed and waiting for a run."""
    landed = {load.source_name.split("/")[-1] for load in project.loads.all(PRODUCT)}
    ready = {load.source_name.split("/")[-1] for load in read_pending(project, PRODUCT).ready}
    return not _names(month) <= landed or bool(_names(month) & ready)


def _release_number(project: Project) -> int:
    release = project.releases.current(PRODUCT)
    return release.number if release else 0


def _run_dag(project: Project) -> None:
    """Run the DAG once in this process, through Airflow.

    Raises:
        AssayError: a task failed; holds the failed stage's own message.
    """
    from airflow.utils.state import DagRunState

    run = _flights_dag(project).test()
    if run.state == DagRunState.SUCCESS:
        return
    failed = [e for e in project.records.events.read(product=PRODUCT) if e.state == "failed"]
    last = max(failed, key=lambda event: event.at_utc, default=None)
    raise AssayError(
        f"the DAG run {run.run_id} ended as {run.state}: "
        + (last.message if last else "see Airflow's log"),
        todo="mend it and type `make run` again",
    )


def _flights_dag(project: Project) -> DAG:
    path = project.settings.project_root / "dags" / f"{PRODUCT}.py"
    return runpy.run_path(str(path))["dag"]


def _prepare_airflow() -> None:
    """Migrate Airflow's database where needed, and end DAG runs that a killed demo left open."""
    from airflow.utils.db import check_migrations

    try:
        check_migrations(0)
    except Exception:  # Airflow raises whatever its database does
        subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True)
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType

    ours = {"dag_id": PRODUCT, "triggered_by": DagRunTriggeredByType.TEST}
    with create_session() as session:
        for run in session.query(DagRun).filter_by(state=DagRunState.RUNNING, **ours):
            run.set_state(DagRunState.FAILED)


@contextmanager
def _airflow_output_in(log_path: Path) -> Iterator[TextIO]:
    """Send what this process writes to a file; give the real terminal to the caller."""
    sys.stdout.flush()
    sys.stderr.flush()
    terminal, errors = os.dup(1), os.dup(2)
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    try:
        with os.fdopen(os.dup(terminal), "w", buffering=1) as file:
            yield file
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(terminal, 1)
        os.dup2(errors, 2)
        os.close(terminal)
        os.close(errors)


@contextmanager
def _stage_shown(project: Project, show: Callable[[str], None]) -> Iterator[None]:
    """Show each stage as it starts, read from the run's own records."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(_POLL_SECONDS):
            events = project.records.events.read(product=PRODUCT)
            if events:
                show(max(events, key=lambda event: event.at_utc).stage.value)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


if __name__ == "__main__":
    sys.exit(main())
