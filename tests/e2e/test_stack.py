"""The native stack: the scripts that `make up` and the images share, with real components.

One stack is started for the module; the tests run in order, and the last ones stop it.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests

from assay.cli.trigger import find_url

PROJECT = Path(__file__).resolve().parents[2]
STACK = PROJECT / "deploy" / "airflow" / "stack.py"
START_SECONDS = 240

DAGS = """
    from airflow.sdk import DAG, Param, task

    for dag_id, outcome in (("stack_good", "good"), ("stack_bad", "bad")):
        params = {"full_refresh": False, "select": "", "n": Param(0, type="integer")}
        with DAG(dag_id, schedule=None, params=params):

            @task(task_id="first")
            def first(outcome):
                return outcome

            @task(task_id="second")
            def second(outcome, params):
                if outcome == "bad":
                    raise ValueError("this one fails")
                return dict(params)

            second(first(outcome))
"""


@dataclass
class Stack:
    """A running stack and what a client needs to reach it."""

    home: Path
    port: int
    environ: dict[str, str]
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def output(self) -> str:
        return (self.home / "up.log").read_text(encoding="utf-8")

    def command(self, name: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(STACK), name],
            env={**self.environ, **changes},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def trigger(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``assay trigger`` as a shell would, with this stack's address and password."""
        code = "from assay.cli.trigger import trigger; trigger()"
        where = ["--url", self.url, "--password-file", str(self.home / "passwords.json")]
        return subprocess.run(
            [sys.executable, "-c", code, *arguments, *where],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def component(self, name: str) -> psutil.Process:
        supervisor = psutil.Process(self.process.pid)
        return next(child for child in supervisor.children() if name in " ".join(child.cmdline()))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def family_of(stack: Stack) -> list[psutil.Process]:
    """List the stack's processes: those below its supervisor or its recorded components."""
    recorded = json.loads((stack.home / "stack.json").read_text(encoding="utf-8"))
    roots = [recorded["supervisor"][0], *(pid for pid, _ in recorded["components"])]
    found = {}
    for pid in roots:
        if psutil.pid_exists(pid):
            for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
                found[process.pid] = process
    return list(found.values())


def still_running(processes: list[psutil.Process]) -> list[str]:
    """Name those that run; a zombie that this machine's first process has not reaped does not."""
    found = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.NoSuchProcess:
            continue
    return found


def start_stack(home: Path, **settings: str) -> Stack:
    home.mkdir(parents=True)
    dags = home / "dags"
    dags.mkdir()
    (dags / "stack_dags.py").write_text(textwrap.dedent(DAGS), encoding="utf-8")
    port = free_port()
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "VAULT"))},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_PORT": str(port),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "ASSAY_LAKE": str(home / "lake"),
        **settings,
    }
    with (home / "up.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(STACK), "up"],
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Stack(home, port, environ, process)


def wait_until_up(stack: Stack) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Stop it with" not in stack.output():
        assert stack.process.poll() is None, stack.output()
        assert time.monotonic() < deadline, stack.output()
        time.sleep(0.5)


def wait_for_dag(stack: Stack, dag_id: str) -> None:
    password = json.loads((stack.home / "passwords.json").read_text())["admin"]
    login = {"username": "admin", "password": password}
    token = requests.post(f"{stack.url}/auth/token", json=login, timeout=30).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + 90
    while True:
        url = f"{stack.url}/api/v2/dags/{dag_id}"
        if requests.get(url, headers=headers, timeout=30).ok:
            return
        assert time.monotonic() < deadline, "the DAG processor has not read the DAG in 90 s"
        time.sleep(0.5)


def kill_everything(stack: Stack) -> None:
    stack.command("down")
    if stack.process.poll() is None:
        stack.process.kill()
    stack.process.wait(timeout=30)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start_stack(tmp_path_factory.mktemp("stack") / "home")
    try:
        wait_until_up(running)
        wait_for_dag(running, "stack_bad")
        yield running
    finally:
        kill_everything(running)


def test_up_prints_address_user_and_the_password_that_it_keeps(stack: Stack) -> None:
    file = stack.home / "passwords.json"
    password = json.loads(file.read_text(encoding="utf-8"))["admin"]
    assert stack.url in stack.output()
    assert f"User admin, password {password} " in stack.output()
    assert len(password) >= 16
    for name in ("passwords.json", "keys.json", "connections.json", "variables.json"):
        assert stat.S_IMODE((stack.home / name).stat().st_mode) == 0o600, name


def test_all_components_are_healthy(stack: Stack) -> None:
    found = requests.get(f"{stack.url}/api/v2/monitor/health", timeout=30).json()
    assert {name: part["status"] for name, part in found.items()} == {
        "metadatabase": "healthy",
        "scheduler": "healthy",
        "triggerer": "healthy",
        "dag_processor": "healthy",
    }


def test_the_password_is_needed(stack: Stack) -> None:
    assert requests.get(f"{stack.url}/api/v2/dags", timeout=30).status_code == 401
    login = {"username": "admin", "password": "admin"}
    assert requests.post(f"{stack.url}/auth/token", json=login, timeout=30).status_code == 401


def test_a_second_up_says_that_it_is_up(stack: Stack) -> None:
    second = stack.command("up")
    assert (second.returncode, stack.url in second.stdout) == (0, True)
    assert "already up" in second.stdout


def test_a_taken_port_is_a_clear_error(stack: Stack, tmp_path: Path) -> None:
    other = stack.command("up", AIRFLOW_HOME=str(tmp_path / "other"))
    assert other.returncode == 1
    assert f"Port {stack.port} is taken" in other.stdout
    assert "AIRFLOW_PORT=" in other.stdout


def test_trigger_finds_the_port_that_the_stack_noted(stack: Stack) -> None:
    assert find_url(stack.home) == stack.url


def test_trigger_follows_a_run_that_succeeds(stack: Stack) -> None:
    done = stack.trigger("stack_good", "--wait", "--conf", "n=3", "--full-refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "first: success" in done.stdout
    assert "second: success" in done.stdout
    last = [line for line in done.stdout.splitlines() if line.startswith("stack_good ")][-1]
    assert last.endswith(": success")


def test_trigger_fails_when_the_run_fails(stack: Stack) -> None:
    done = stack.trigger("stack_bad", "--wait")
    assert done.returncode != 0
    assert "second: failed" in done.stdout
    assert "RemoteRunFailed" in done.stderr
    assert "ended as 'failed'" in done.stderr


def test_trigger_without_wait_only_starts(stack: Stack) -> None:
    done = stack.trigger("stack_bad")
    assert (done.returncode, ": queued" in done.stdout) == (0, True)


def test_trigger_names_dags_that_are_close(stack: Stack) -> None:
    done = stack.trigger("stack_god", "--wait")
    assert done.returncode != 0
    assert "knows no DAG 'stack_god'" in done.stderr
    assert "did you mean stack_good" in done.stderr


def test_trigger_tells_what_airflow_says_of_a_param_of_the_wrong_type(stack: Stack) -> None:
    done = stack.trigger("stack_good", "--wait", "--conf", 'n="three"')
    assert done.returncode != 0
    assert "HTTP 400" in done.stderr
    assert "'three' is not of type 'integer'" in done.stderr


def test_a_killed_scheduler_is_started_again_without_orphans(stack: Stack) -> None:
    scheduler = stack.component("scheduler")
    workers = scheduler.children(recursive=True)
    time.sleep(3)  # the supervisor notes a component's children every two seconds
    scheduler.kill()
    deadline = time.monotonic() + 60
    while "scheduler ended by itself" not in stack.output() or any(
        worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers
    ):
        assert time.monotonic() < deadline, stack.output()
        time.sleep(0.5)
    done = stack.trigger("stack_good", "--wait")
    assert done.returncode == 0, done.stdout + done.stderr


def test_down_ends_every_process(stack: Stack) -> None:
    # The supervisor, four components, the triggerer's child, the scheduler's workers.
    family = family_of(stack)
    assert len(still_running(family)) > 6
    stopped = stack.command("down")
    assert (stopped.returncode, stopped.stdout) == (0, "Airflow is stopped.\n")
    assert stack.process.wait(timeout=30) == 0
    assert still_running(family) == []
    assert stack.command("down").stdout == "Airflow was not running.\n"


def test_down_ends_what_a_killed_supervisor_left(stack: Stack) -> None:
    again = start_stack(stack.home.parent / "again")
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (again.home / "stack.json").exists():
            assert time.monotonic() < deadline, again.output()
            time.sleep(0.5)
        time.sleep(12)
        again.process.kill()
        again.process.wait(timeout=30)
        family = family_of(again)
        assert len(still_running(family)) >= 4
        assert again.command("down").stdout == "Airflow is stopped.\n"
        assert still_running(family) == []
    finally:
        kill_everything(again)
