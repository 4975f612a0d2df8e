"""Process trees: end a component with every process it started, even those in other groups."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

import psutil

GRACE_SECONDS = 15.0


def with_descendants(roots: Iterable[psutil.Process]) -> list[psutil.Process]:
    """List the processes that are alive among the roots and all below them."""
    found: dict[int, psutil.Process] = {}
    for root in roots:
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (root, *root.children(recursive=True)):
                found[process.pid] = process
    return [process for process in found.values() if is_alive(process)]


def is_alive(process: psutil.Process) -> bool:
    """Say whether it still runs; a zombie that nobody has reaped does not."""
    if isinstance(process, psutil.Popen):
        return process.poll() is None
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def end(roots: list[psutil.Process]) -> None:
    """Ask the roots to stop, give them 15 s, then kill whatever is left of their trees.

    Airflow's processes leave their parent's group, so the trees are walked, before and after.
    """
    family = with_descendants(roots)
    for root in roots:
        with contextlib.suppress(psutil.NoSuchProcess):
            root.terminate()
    wait_until_gone(roots, GRACE_SECONDS)
    left = with_descendants(family)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until_gone(left, 5.0)


def wait_until_gone(processes: Iterable[psutil.Process], timeout_seconds: float) -> None:
    """Wait until none of them runs, or the time is over."""
    deadline = time.monotonic() + timeout_seconds
    waiting = list(processes)
    while waiting and time.monotonic() < deadline:
        waiting = [process for process in waiting if is_alive(process)]
        time.sleep(0.1)


def find(pid: int, created: float) -> psutil.Process | None:
    """Find a recorded process, unless its number has since been given to another one."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if abs(process.create_time() - created) < 1.0 and is_alive(process):
            return process
    return None
