"""Runs a command and says what it cost: CPU seconds, wall seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Cost:
    """What a command took, its children included; ``peak_bytes`` is its largest process's."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    output: str


@dataclass(frozen=True)
class Spread:
    """The middle of several measurements, and their ends."""

    median: float
    low: float
    high: float
    runs: int


def measure(arguments: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run one of our modules in a process of its own and wait for it.

    Raises:
        SystemExit: it failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    stream = process.stdout
    output = stream.read() if stream else ""
    # wait4 counts the process and all descendants that it waited for.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with exit code {process.returncode}")
    return Cost(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.perf_counter() - began,
        peak_bytes=usage.ru_maxrss * 1024,
        output=output.strip().splitlines()[-1] if output.strip() else "",
    )


def spread(values: Sequence[float]) -> Spread:
    """Sum up measurements of one thing."""
    return Spread(median(values), min(values), max(values), len(values))
