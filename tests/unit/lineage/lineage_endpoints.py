"""A clock that stands still, endpoints to record what they got, and the lake's events."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assay.lineage import events_path

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class FakeClock:
    """Stands still until told otherwise."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Endpoint:
    """A real HTTP server that answers with ``statuses`` in turn, then with the last of them."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [201])
    received: list[tuple[str, Any]] = field(default_factory=list)

    def next_status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@dataclass
class HangingEndpoint:
    """A server that accepts and never answers."""

    url: str
    accepted: list[socket.socket] = field(default_factory=list)


def recorded_events(lake: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in events_path(lake).read_text().splitlines()]
