"""Airflow's components as child processes: started, restarted when they die, ended whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from processes import end, with_descendants

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
MAX_RESTARTS = 5


class Supervisor:
    """Runs ``entrypoint.sh <component>`` for each component, its output in one log file each.

    ``stopping`` may be set at any moment, from a signal's handler too.
    """

    def __init__(
        self, logs: Path, entrypoint: Path, record: Callable[[list[psutil.Process]], None]
    ) -> None:
        self.logs = logs
        self.stopping = False
        self.failed = False
        self._entrypoint = entrypoint
        self._record = record
        self._running: dict[str, psutil.Popen] = {}
        self._families: dict[str, list[psutil.Process]] = {}
        self._restarts = 0
        logs.mkdir(parents=True, exist_ok=True)

    def migrate(self) -> bool:
        """Bring the metadata database up to date; print the log's end when that fails."""
        process = self._spawn("migrate", mode="w")
        while process.poll() is None:
            if self.stopping:
                end([process])
            time.sleep(0.1)
        if process.returncode and not self.stopping:
            self._print_tail("migrate")
            self.failed = True
        return process.returncode == 0 and not self.stopping

    def start(self) -> None:
        """Start all components."""
        for name in COMPONENTS:
            self._running[name] = self._spawn(name, mode="w")
        self._record(list(self._running.values()))

    def restart_dead(self) -> None:
        """Start again what has died; after five times in all, give up and stop.

        Its children are ended first: a killed scheduler leaves its workers behind.
        """
        dead = [name for name, process in self._running.items() if process.poll() is not None]
        for name in dead:
            self._restarts += 1
            self._print_tail(name)
            if self._restarts > MAX_RESTARTS:
                sys.stderr.write(f"{name} died again after {MAX_RESTARTS} restarts: stopping.\n")
                self.failed = self.stopping = True
                return
            sys.stderr.write(f"{name} ended by itself: starting it again.\n")
            end(self._families.pop(name, []))
            self._running[name] = self._spawn(name, mode="a")
        if dead:
            self._record(list(self._running.values()))

    def watch(self) -> None:
        """Keep the components running until told to stop or until they would not stay up."""
        while not self.stopping:
            self.restart_dead()
            for name, process in self._running.items():
                self._families[name] = with_descendants([process]) or self._families.get(name, [])
            self._pause()

    def stop(self) -> None:
        """End every component with all its descendants."""
        orphans = [process for family in self._families.values() for process in family]
        end([*self._running.values(), *orphans])
        self._running.clear()

    def _pause(self) -> None:
        for _ in range(20):
            if not self.stopping:
                time.sleep(0.1)

    def _spawn(self, component: str, *, mode: str) -> psutil.Popen:
        with (self.logs / f"{component}.log").open(mode) as log:
            return psutil.Popen(
                [str(self._entrypoint), component],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the supervisor alone, which then ends the others in order.
                start_new_session=True,
                env={**os.environ, "AIRFLOW_MIGRATED": "" if component == "migrate" else "1"},
            )

    def _print_tail(self, component: str) -> None:
        file = self.logs / f"{component}.log"
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        sys.stderr.write("\n".join([f"--- the end of {file}", *lines, "---"]) + "\n")
