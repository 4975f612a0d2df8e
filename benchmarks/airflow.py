"""The same pipeline through Airflow: a stack as `make up` starts it, one DAG run at a time.

What Airflow adds to a task is measured on small deliveries, once the stack is warm: the time from
one task's end to the next one's, less what the same stage took without Airflow.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).resolve().parents[1]
_STACK = PROJECT / "deploy" / "airflow" / "stack.py"
_PASSWORD = "for-the-benchmark-only"
_START_SECONDS = 240.0


@dataclass(frozen=True)
class TaskTime:
    """When a task of a DAG run began and ended, in seconds since the epoch."""

    task: str
    began: float
    ended: float


class Stack:
    """A running stack: triggers DAG runs by its REST API and reads what they took."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self._url = url
        self._process = process
        self.peak_bytes = 0
        self._token = self._call("/auth/token", {"username": "admin", "password": _PASSWORD})[
            "access_token"
        ]
        self._call("/api/v2/dags/flights", {"is_paused": False}, method="PATCH")

    def run(self) -> list[TaskTime]:
        """Run the DAG once; return its tasks in order.

        Raises:
            SystemExit: it did not succeed.
        """
        run = self._call("/api/v2/dags/flights/dagRuns", {"logical_date": None, "conf": {}})
        path = f"/api/v2/dags/flights/dagRuns/{urllib.parse.quote(run['dag_run_id'])}"
        self.peak_bytes = 0
        while (state := self._call(path)["state"]) in ("queued", "running"):
            self.peak_bytes = max(self.peak_bytes, sum(map(_held, self._family())))
            time.sleep(0.5)
        if state != "success":
            raise SystemExit(f"the DAG run ended as {state}: see the stack's logs")
        found = self._call(f"{path}/taskInstances")["task_instances"]
        times = [
            TaskTime(each["task_id"], _seconds(each["start_date"]), _seconds(each["end_date"]))
            for each in found
        ]
        return sorted(times, key=lambda each: each.began)

    def cpu_seconds(self) -> float:
        """Sum up what all processes of the stack have used, ended ones included."""
        return sum(_used(each) for each in self._family())

    def _family(self) -> list[psutil.Process]:
        own = psutil.Process(self._process.pid)
        return [own, *own.children(recursive=True)]

    def _call(self, path: str, body: Mapping[str, object] | None = None, method: str = "") -> Any:
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "_token"):
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._url + path, data, headers, method=method or ("GET" if data is None else "POST")
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def open_stack(folder: Path, environment: Mapping[str, str]) -> Iterator[Stack]:
    """Start a stack of its own below ``folder``, and stop it with all its processes.

    Raises:
        SystemExit: it did not come up.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port = _free_port()
    given = {
        **os.environ,
        **environment,
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW_PORT": str(port),
        "ASSAY_ADMIN_PASSWORD": _PASSWORD,
    }
    log = (folder / "stack.log").open("w")
    process = subprocess.Popen(
        [sys.executable, str(_STACK), "up"], env=given, stdout=log, stderr=log, text=True
    )
    try:
        _wait_until_up(folder / "stack.log", process)
        yield Stack(f"http://localhost:{port}", process)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
        log.close()


def _wait_until_up(log: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while "Airflow is up" not in log.read_text(encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the stack did not come up:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.5)


def _used(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(sum((times.user, times.system, times.children_user, times.children_system)))
    return 0.0


def _held(process: psutil.Process) -> int:
    """Memory in use, what processes share divided among them."""
    with suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
