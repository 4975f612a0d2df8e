"""One writer per product: a lock held by the operating system, and a fencing number.

The lock dies with its process, so a killed run blocks nobody. The fence is the number of the
newest run: a task of an older one, woken up or cleared by hand, sees that it is over.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.errors import ProductBusy, RunSuperseded

_POLL_SECONDS = 0.05


@contextmanager
def product_lock(lake: Path, product: str, holder: str, wait_seconds: float) -> Iterator[str]:
    """Hold a product's write lock; yields the run that :func:`read_holder` named just before.

    Raises:
        ProductBusy: another process still holds it after ``wait_seconds``.
    """
    folder = _folder(lake)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{product}.lock").open("a+") as file:
        _acquire(file.fileno(), product, folder, wait_seconds)
        path = folder / f"{product}.holder"
        before, pid = _read_holder(path)
        path.write_text(json.dumps({"run": holder, "pid": os.getpid()}))
        yield before if _is_other_process(pid) else ""


@contextmanager
def take_turn(lake: Path, work: str) -> Iterator[None]:
    """Wait until no other process does a piece of work, and do it."""
    folder = _folder(lake)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{work}.lock").open("a+") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        yield


def read_holder(lake: Path, product: str) -> str:
    """Name the run that is writing a product now; empty where none is.

    Between two stages a run holds no lock: then its process tells, if it is of this machine.
    """
    try:
        with (_folder(lake) / f"{product}.lock").open() as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
            is_locked = False
    except FileNotFoundError:
        return ""
    except BlockingIOError:
        is_locked = True
    run, pid = _read_holder(_folder(lake) / f"{product}.holder")
    if is_locked:
        return run or "another process"
    return run if _is_other_process(pid) else ""


def _read_holder(path: Path) -> tuple[str, int]:
    """Read which run held the lock last, and its process; this process where nobody knows."""
    try:
        holder = json.loads(path.read_text())
        return str(holder["run"]), int(holder["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", os.getpid()


def _is_other_process(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def read_fence(lake: Path, product: str) -> int:
    """Return the number of a product's newest run; 0 before the first."""
    try:
        return int((_folder(lake) / f"{product}.fence").read_text())
    except FileNotFoundError:
        return 0


def write_fence(lake: Path, product: str, fence: int) -> None:
    """Declare a run the newest, so that it outlasts a power cut. The caller holds the lock."""
    path = _folder(lake) / f"{product}.fence"
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    with fresh.open("w") as file:
        file.write(str(fence))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def check_fence(lake: Path, product: str, run_id: str, fence: int) -> None:
    """Make sure that a run is still the newest of its product.

    Raises:
        RunSuperseded: a newer one has started.
    """
    newest = read_fence(lake, product)
    if newest != fence:
        raise RunSuperseded(
            f"run {run_id} of {product} is superseded: it is number {fence} and number {newest}"
            " has started since; this stage wrote nothing, and the run releases nothing",
            todo=f"look at the newer run with `assay status {product}`;"
            " what this run had not released, a new run takes up",
        )


def _acquire(descriptor: int, product: str, folder: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                break
            time.sleep(_POLL_SECONDS)
    raise ProductBusy(
        f"{product} is being written by {_describe_holder(folder / f'{product}.holder')}",
        where=str(folder / f"{product}.lock"),
        todo="wait until it ends and try again; or raise ASSAY_LOCK_WAIT_SECONDS",
    )


def _describe_holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return f"run {holder['run']} (process {holder['pid']})"
    except (OSError, ValueError, KeyError):
        return "another process"


def _folder(lake: Path) -> Path:
    return lake / "_assay" / "locks"
