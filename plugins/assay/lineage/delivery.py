"""Where events go: always to the lake's file, and to an endpoint when one is set. Fails open."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from assay.errors import LineageError
from assay.lineage.breaker import Breaker, Clock
from assay.lineage.event_file import append_lines, events_path, lineage_folder, undelivered_path
from assay.lineage.http_endpoint import HttpEndpoint, complete_url, hide_credentials

_log = logging.getLogger(__name__)


class Delivery:
    """Delivers serialised events. Nothing here raises: what fails is counted and warned of once.

    Events that the endpoint did not take are also kept in ``undelivered.ndjson`` for
    :func:`resend`. ``undelivered`` and ``lost`` (not even in the file) count this process's.
    A quiet delivery leaves the warning to the process that saw the endpoint fail.
    """

    def __init__(self, lake: Path, *, url: str, clock: Clock, is_quiet: bool = False) -> None:
        self._lake = lake
        self._shown_url = hide_credentials(url)
        self._endpoint = make_endpoint(lake, url, clock) if url else None
        self._is_quiet = is_quiet
        self._has_warned = False
        self.undelivered = 0
        self.lost = 0

    def deliver(self, lines: Sequence[bytes]) -> None:
        """Append events to the file, then send them to the endpoint, if there is one."""
        try:
            append_lines(events_path(self._lake), lines)
        except OSError as error:
            self.count_lost(len(lines), error)
        if self._endpoint is None or not lines:
            return
        sent = self._endpoint.send(lines)
        if not sent.undelivered:
            return
        self.undelivered += len(sent.undelivered)
        try:
            append_lines(undelivered_path(self._lake), sent.undelivered)
        except OSError as error:
            _log.debug("lineage_undelivered_not_kept error=%s", error)
        self._warn(len(sent.undelivered), sent.reason, is_witness=sent.requests > 0)

    def count_lost(self, events: int, error: Exception) -> None:
        """Count events that could not be built or written at all."""
        self.lost += events
        _log.log(
            logging.WARNING if self.lost == events else logging.DEBUG,
            "lineage_lost events=%d lost_so_far=%d error=%s: %s; the run goes on",
            events,
            self.lost,
            type(error).__name__,
            error,
        )

    def _warn(self, events: int, reason: str, *, is_witness: bool) -> None:
        is_loud = not self._has_warned and (is_witness or not self._is_quiet)
        _log.log(
            logging.WARNING if is_loud else logging.DEBUG,
            "lineage_undelivered endpoint=%s events=%d reason=%s;"
            " the run goes on, the events are kept in %s",
            self._shown_url,
            events,
            reason,
            undelivered_path(self._lake),
        )
        self._has_warned = self._has_warned or is_loud


def make_endpoint(lake: Path, url: str, clock: Clock) -> HttpEndpoint:
    """Make the endpoint whose breaker all processes of this lake share."""
    marker = lineage_folder(lake) / "endpoint_down.json"
    return HttpEndpoint(url, Breaker(marker, hide_credentials(complete_url(url)), clock))


def count_undelivered(lake: Path) -> int:
    """Count the events of this lake that wait to be sent again."""
    return sum(len(_read_lines(path)) for path in (undelivered_path(lake), _claimed_path(lake)))


def resend(lake: Path, url: str, clock: Clock) -> int:
    """Send what the endpoint did not take before; return how many it took.

    What it does not take now either goes back to wait. Stopped halfway, some are sent twice,
    which changes nothing at the endpoint.

    Raises:
        LineageError: no endpoint is set, or it took none.
    """
    if not url:
        raise LineageError("no lineage endpoint is set", todo="set ASSAY_LINEAGE_URL")
    claimed = _claimed_path(lake)
    if not claimed.exists() and undelivered_path(lake).exists():
        undelivered_path(lake).rename(claimed)
    lines = _read_lines(claimed)
    if not lines:
        return 0
    Breaker(lineage_folder(lake) / "endpoint_down.json", "", clock).close()
    sent = make_endpoint(lake, url, clock).send(lines)
    append_lines(undelivered_path(lake), sent.undelivered)
    claimed.unlink()
    if len(sent.undelivered) == len(lines):
        raise LineageError(
            f"the lineage endpoint took none of {len(lines)} events: {sent.reason}",
            where=hide_credentials(url),
            todo="start the endpoint, then send again; the events are kept",
        )
    return len(lines) - len(sent.undelivered)


def _claimed_path(lake: Path) -> Path:
    return lineage_folder(lake) / "resending.ndjson"


def _read_lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().split(b"\n") if line]
    except FileNotFoundError:
        return []
