"""The flights product on the first rows of January, in a project of its own, behind a guard.

Everything that a test starts here runs with a guard in each Python process: a connection to
anything but this machine is written down and refused.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_settings import airflow_settings, environ_without_settings

ROOT = Path(__file__).resolve().parents[1]
ROWS = 150
_FOLDERS = ("contracts", "dags", "dbt_project", "expectations", "policies")
_GUARD = """
import os, socket, sys

_OWN_NAME = socket.gethostname()

def _is_here(address):
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    host = str(address[0])
    return host in ("localhost", "::1", "", "0.0.0.0", _OWN_NAME) or host.startswith("127.")

def _guard(event, arguments):
    if event == "socket.getaddrinfo":
        address = (arguments[0] or "", arguments[1])
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
    else:
        return
    if not _is_here(address):
        with open(os.environ["GUARD_FILE"], "a") as file:
            file.write(f"{event} {address} by {sys.argv[:2]}\\\\n")
        raise ConnectionRefusedError(f"refused by the test: {address}")

sys.addaudithook(_guard)
"""


@dataclass
class FlightsProject:
    """A copy of the project with little data, and the processes that work on it."""

    root: Path
    environ: dict[str, str]

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    def run(
        self, *command: str, timeout: int = 400, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the virtual environment in the project's folder."""
        program = str(Path(sys.executable).parent / command[0])
        return subprocess.run(
            [program, *command[1:]],
            cwd=self.root,
            env={**self.environ, **changes},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def with_airflow(self) -> dict[str, str]:
        """Add the settings of `make up`; migrate a database of the project's own."""
        home = self.root / "airflow-home"
        environ = {
            **self.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.root / "dags"),
        }
        settings = airflow_settings(environ)
        self.environ = {**environ, **settings}
        migrated = self.run("airflow", "db", "migrate")
        assert migrated.returncode == 0, migrated.stderr[-3000:]
        return settings

    def refused(self) -> list[str]:
        """The connections that were tried."""
        path = Path(self.environ["GUARD_FILE"])
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def events(self) -> list[Mapping[str, Any]]:
        """Every lineage event that was recorded."""
        files = sorted((self.lake / "_assay" / "lineage").rglob("*.ndjson"))
        lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
        return [json.loads(line) for line in lines]


def make_flights_project(root: Path) -> FlightsProject:
    """Copy the project, deliver the first rows of January and the reference tables."""
    ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    guard = root / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(_GUARD.replace("\\\\n", "\\n"), "utf-8")
    trackers = ("DO_NOT_TRACK", "SCARF_ANALYTICS", "SCARF_NO_ANALYTICS")
    kept = {k: v for k, v in environ_without_settings().items() if k not in trackers}
    environ = {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(guard), os.environ.get("PYTHONPATH", "")]).rstrip(":"),
        "GUARD_FILE": str(root / "refused.txt"),
        "HOME": str(root / "home"),
        "ASSAY_PROJECT": str(root),
        "ASSAY_LAKE": str(root / "lake"),
        "ASSAY_DELIVERIES": str(root / "deliveries"),
        "ASSAY_THREADS": "1",
        "no_proxy": "localhost,127.0.0.1",
    }
    (root / "home").mkdir()
    deliver(root / "deliveries", 1)
    return FlightsProject(root, environ)


def deliver(deliveries: Path, month: int) -> None:
    """Deliver a month, cut to its first rows; the reference tables come whole with January."""
    from assay.airflow.demo_deliveries import deliver_month

    for path in deliver_month(deliveries, month):
        if path.parent.name in ("flights", "weather"):
            stat = path.stat()
            lines = path.read_bytes().splitlines(keepends=True)
            path.write_bytes(b"".join(lines[: ROWS + 1]))
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
