"""Process trees: end a component with every process it started, even those in other groups."""

from __future__ import annotations

import contextlib
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
    return list(found.values())


def end(roots: list[psutil.Process]) -> None:
    """Ask the roots to stop, give them 15 s, then kill whatever is left of their trees.

    Airflow's processes leave their parent's group, so the trees are walked, before and after.
    """
    family = with_descendants(roots)
    for root in roots:
        with contextlib.suppress(psutil.NoSuchProcess):
            root.terminate()
    psutil.wait_procs(roots, timeout=GRACE_SECONDS)
    left = with_descendants(family)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=5)


def find(pid: int, created: float) -> psutil.Process | None:
    """Find a recorded process, unless its number has since been given to another one."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if abs(process.create_time() - created) < 1.0:
            return process
    return None
