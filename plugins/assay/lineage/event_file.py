"""The local record of events: newline-delimited JSON, appended to by several processes."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path


def lineage_folder(lake: Path) -> Path:
    """Where a lake keeps its lineage."""
    return lake / "_assay" / "lineage"


def events_path(lake: Path) -> Path:
    """Where a lake keeps its lineage events, oldest first."""
    return lineage_folder(lake) / "events.ndjson"


def undelivered_path(lake: Path) -> Path:
    """Where copies of the events wait that the endpoint did not take."""
    return lineage_folder(lake) / "undelivered.ndjson"


def append_lines(path: Path, lines: Sequence[bytes]) -> None:
    """Append whole lines by one ``write`` at the file's end, one process at a time.

    Where a killed process left half a line, a line end goes first to keep it apart. The lock is
    the operating system's: it ends with the process that holds it.

    Raises:
        OSError: the file cannot be written, or the disk took only a part.
    """
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        with contextlib.suppress(OSError):  # No locks here: the append is still one write.
            fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        is_torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        data = (b"\n" if is_torn else b"") + b"\n".join(lines) + b"\n"
        written = os.write(file, data)
    finally:
        os.close(file)
    if written != len(data):
        raise OSError(f"{path}: {written} of {len(data)} bytes written; is the disk full?")
