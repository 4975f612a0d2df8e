"""A circuit breaker that the processes of a lake share by a marker file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


class Breaker:
    """Remembers that an endpoint failed, so that nobody waits for it again for a while.

    The marker holds the endpoint and the time: another endpoint is tried at once, the same one
    after ``rest_seconds``. Where the marker cannot be written this process remembers alone.
    """

    def __init__(
        self, marker: Path, endpoint: str, clock: Clock, *, rest_seconds: float = 600
    ) -> None:
        self._marker = marker
        self._endpoint = endpoint
        self._clock = clock
        self._rest = timedelta(seconds=rest_seconds)
        self._failed_at_utc: datetime | None = None

    def is_open(self) -> bool:
        """Say whether the endpoint failed a short while ago, here or in another process."""
        now = self._clock()
        failed = [at for at in (self._failed_at_utc, self._read_marker()) if at]
        return any(abs(now - at) < self._rest for at in failed)

    def open(self, reason: str) -> None:
        """Remember that the endpoint failed now."""
        self._failed_at_utc = self._clock()
        text = json.dumps(
            {
                "endpoint": self._endpoint,
                "failed_at_utc": self._failed_at_utc.isoformat(),
                "reason": reason,
            }
        )
        try:
            self._marker.parent.mkdir(parents=True, exist_ok=True)
            self._marker.write_text(text)
        except OSError:
            return

    def close(self) -> None:
        """Remember that the endpoint answers."""
        self._failed_at_utc = None
        try:
            self._marker.unlink(missing_ok=True)
        except OSError:
            return

    def _read_marker(self) -> datetime | None:
        try:
            marker = json.loads(self._marker.read_text())
            at_utc = datetime.fromisoformat(marker["failed_at_utc"])
            is_same = marker["endpoint"] == self._endpoint and at_utc.tzinfo is not None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return at_utc if is_same else None
