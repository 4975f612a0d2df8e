"""Which stack is up in an AIRFLOW_HOME, and what it consists of."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import IO

import psutil
from processes import find


class StackRecord:
    """The lock ``stack.lock`` and the note ``stack.json`` beside it.

    The supervisor holds the lock while it lives, so the operating system says whether a stack is
    up. The note names what it started, so that the next command can end what a killed supervisor
    left behind.
    """

    def __init__(self, home: Path, url: str) -> None:
        self._home = home
        self._url = url
        self._lock: IO[str] | None = None

    def lock(self) -> bool:
        """Take the lock for the life of this process; False when another one holds it."""
        self._home.mkdir(parents=True, exist_ok=True)
        stream = (self._home / "stack.lock").open("a", encoding="utf-8")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            return False
        self._lock = stream
        return True

    def write(self, components: list[psutil.Process]) -> None:
        """Note the address, this process as supervisor, and what it started: (pid, began)."""
        own = psutil.Process()
        content = {
            "url": self._url,
            "supervisor": [own.pid, own.create_time()],
            "components": [[process.pid, process.create_time()] for process in components],
        }
        draft = self._home / ".stack.json"
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(self._home / "stack.json")

    def clear(self) -> None:
        """Forget the stack that has been stopped."""
        (self._home / "stack.json").unlink(missing_ok=True)

    def url(self) -> str:
        """Name the address of the noted stack."""
        return str(self._read().get("url", self._url))

    def supervisor(self) -> psutil.Process | None:
        """Find the noted supervisor, if it is alive."""
        match self._read().get("supervisor"):
            case [int(pid), float(began)]:
                return find(pid, began)
        return None

    def components(self) -> list[psutil.Process]:
        """Find the noted components that are still alive."""
        noted = self._read().get("components", [])
        found = [find(*entry) for entry in noted] if isinstance(noted, list) else []
        return [process for process in found if process is not None]

    def _read(self) -> dict[str, object]:
        try:
            text = (self._home / "stack.json").read_text(encoding="utf-8")
            content: dict[str, object] = json.loads(text)
        except (OSError, ValueError):
            return {}
        return content
