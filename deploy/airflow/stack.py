"""Airflow on this machine: ``up`` runs its components until Ctrl-C, ``down`` stops them."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from environment import PROJECT
from health import component_states, warm_execution_api
from processes import end, wait_until_gone
from record import StackRecord
from supervisor import Supervisor

START_SECONDS = 240.0
STOP_SECONDS = 45.0
HOME = Path(os.environ.get("AIRFLOW_HOME") or PROJECT / "airflow-home")
PORT = int(os.environ.get("AIRFLOW_PORT") or 8080)
URL = f"http://localhost:{PORT}"
RECORD = StackRecord(HOME, URL)
ENTRYPOINT = Path(__file__).resolve().parent / "entrypoint.sh"


def say(text: str) -> None:
    """Print one line now, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def up() -> int:
    """Start everything, wait until it is healthy, and stay until asked to stop."""
    if not RECORD.lock():
        say(f"Airflow is already up at {RECORD.url()}. Stop it with: make down")
        return 0
    end(RECORD.components())
    if port_is_taken():
        say(
            f"Port {PORT} is taken by another program. Stop that one, or choose another port: "
            f"make up AIRFLOW_PORT={PORT + 1}"
        )
        return 1
    supervisor = Supervisor(HOME / "logs" / "stack", ENTRYPOINT, RECORD.write)
    stop_on_signals(supervisor)
    try:
        run(supervisor)
    finally:
        say("Stopping Airflow ...")
        supervisor.stop()
        RECORD.clear()
        say("Airflow is stopped.")
    return 1 if supervisor.failed else 0


def run(supervisor: Supervisor) -> None:
    """Migrate, start, wait for health, then watch."""
    began = time.monotonic()
    say("Preparing Airflow's database ...")
    if not supervisor.migrate():
        return
    say(f"Starting Airflow on {URL} ...")
    supervisor.start()
    if not wait_until_healthy(supervisor):
        if not supervisor.stopping:
            supervisor.failed = True
            say(f"Airflow was not healthy after {START_SECONDS:.0f} s: see {supervisor.logs}")
        return
    say(f"Airflow is up after {time.monotonic() - began:.0f} s: {URL}")
    show_login()
    say("Stop it with Ctrl-C, or from another shell with: make down")
    supervisor.watch()


def wait_until_healthy(supervisor: Supervisor) -> bool:
    """Poll until every component says healthy and the first slow call of a task is paid."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        supervisor.restart_dead()
        try:
            if set(component_states(URL).values()) == {"healthy"}:
                warm_execution_api(URL)
                return True
        except (OSError, ValueError):
            pass
        time.sleep(0.5)
    return False


def show_login() -> None:
    """Print the admin's name, and the password the first time only."""
    file, shown = HOME / "passwords.json", HOME / ".password-shown"
    password = json.loads(file.read_text(encoding="utf-8"))["admin"]
    if shown.exists():
        say(f"User admin, password as printed the first time (kept in {file})")
        return
    say(f"User admin, password {password}   (printed this once; kept in {file})")
    shown.touch()


def down() -> int:
    """Stop the stack of this AIRFLOW_HOME, and what a killed one left behind."""
    if not RECORD.lock():
        found = RECORD.supervisor()
        if found is not None:
            found.send_signal(signal.SIGTERM)
            wait_until_gone([found], STOP_SECONDS)
            end([found, *RECORD.components()])
        say("Airflow is stopped.")
        return 0
    left = RECORD.components()
    end(left)
    RECORD.clear()
    say("Airflow is stopped." if left else "Airflow was not running.")
    return 0


def port_is_taken() -> bool:
    """Say whether something answers or listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return True
    return False


def stop_on_signals(supervisor: Supervisor) -> None:
    """Turn Ctrl-C, ``make down`` and a closed terminal into one orderly stop."""

    def stop(number: int, frame: FrameType | None) -> None:
        supervisor.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


COMMANDS: dict[str, Callable[[], int]] = {"up": up, "down": down}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit("stack.py up | down")
    sys.exit(COMMANDS[sys.argv[1]]())
