"""An OpenLineage endpoint over HTTP, such as Marquez. Bounded, and it never raises."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from assay.lineage.breaker import Breaker

if TYPE_CHECKING:
    import requests

TIMEOUT_SECONDS = 2.0
SLOW_SECONDS = 0.5
SLOW_BUDGET_SECONDS = 4.0
_REJECTED = (400, 413, 422)


@dataclass(frozen=True)
class Sent:
    """What became of a batch: the lines that were not taken, why, and how many were tried."""

    undelivered: tuple[bytes, ...] = ()
    reason: str = ""
    requests: int = 0


def complete_url(url: str) -> str:
    """Add OpenLineage's path to an address that has none.

    Source: OpenLineage specification, OpenLineage.yml: POST /api/v1/lineage.
    """
    return url if urlsplit(url).path.strip("/") else url.rstrip("/") + "/api/v1/lineage"


def hide_credentials(url: str) -> str:
    """Strip user, password and query from an address that goes into a log."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class HttpEndpoint:
    """Posts one event a request. The first failure opens the breaker: no second wait.

    A failure is no answer within ``TIMEOUT_SECONDS``, or a status other than 2xx. A rejected
    event (400, 413, 422) fails alone. Slow answers are sent on until they sum to
    ``SLOW_BUDGET_SECONDS`` in this process.
    """

    def __init__(self, url: str, breaker: Breaker) -> None:
        self._url = complete_url(url)
        self._breaker = breaker
        self._session: requests.Session | None = None
        self._slow_seconds = 0.0

    def send(self, lines: Sequence[bytes]) -> Sent:
        """Post events in order; what is left when the endpoint fails comes back."""
        undelivered: list[bytes] = []
        reason = ""
        requests = 0
        for position, line in enumerate(lines):
            if self._breaker.is_open():
                reason = reason or "it failed a short while ago and is left alone"
                return Sent((*undelivered, *lines[position:]), reason, requests)
            requests += 1
            failure, is_rejected = self._post(line)
            if failure:
                undelivered.append(line)
                reason = failure
                if not is_rejected:
                    self._breaker.open(failure)
        if requests > len(undelivered) and not self._breaker.is_open():
            self._breaker.close()
        return Sent(tuple(undelivered), reason, requests)

    def _post(self, line: bytes) -> tuple[str, bool]:
        """Post one event; say how it failed (empty: it did not) and if only this event did."""
        import requests

        if self._session is None:
            self._session = requests.Session()
        started = time.monotonic()
        try:
            response = self._session.post(
                self._url,
                data=line,
                headers={"Content-Type": "application/json"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError, ValueError) as error:
            return type(error).__name__, False
        self._count_slow(time.monotonic() - started)
        if 200 <= response.status_code < 300:
            return "", False
        return f"HTTP {response.status_code}", response.status_code in _REJECTED

    def _count_slow(self, seconds: float) -> None:
        if seconds >= SLOW_SECONDS:
            self._slow_seconds += seconds
        if self._slow_seconds >= SLOW_BUDGET_SECONDS:
            self._breaker.open(f"slow: {self._slow_seconds:.1f} s waited")
            self._slow_seconds = 0.0
