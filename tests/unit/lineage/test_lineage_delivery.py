"""A dead endpoint fails no run, and is waited for once: by one process, not by each."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from lineage_endpoints import Endpoint, FakeClock, HangingEndpoint

from assay.errors import LineageError
from assay.lineage import count_undelivered, events_path, resend
from assay.lineage.delivery import Delivery
from assay.lineage.http_endpoint import complete_url, hide_credentials

LINES = [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']


def make(lake: Path, url: str, clock: FakeClock, *, is_quiet: bool = False) -> Delivery:
    return Delivery(lake, url=url, clock=clock, is_quiet=is_quiet)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


def test_without_an_endpoint_events_go_to_the_file_alone(tmp_path: Path, clock: FakeClock) -> None:
    delivery = make(tmp_path, "", clock)
    delivery.deliver(LINES)
    assert events_path(tmp_path).read_bytes() == b"\n".join(LINES) + b"\n"
    assert (delivery.undelivered, delivery.lost) == (0, 0)
    assert [p.name for p in events_path(tmp_path).parent.iterdir()] == ["events.ndjson"]


def test_a_live_endpoint_gets_each_event_in_order(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint
) -> None:
    delivery = make(tmp_path, endpoint.url, clock)
    delivery.deliver(LINES)
    assert endpoint.received == [("/api/v1/lineage", {"n": n}) for n in (1, 2, 3)]
    assert delivery.undelivered == 0
    assert events_path(tmp_path).read_bytes() == b"\n".join(LINES) + b"\n"


def test_a_refusing_port_is_warned_of_once_and_nothing_is_lost(
    tmp_path: Path, clock: FakeClock, refusing_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = make(tmp_path, refusing_url, clock)
    delivery.deliver(LINES)
    delivery.deliver(LINES)
    assert (delivery.undelivered, delivery.lost) == (6, 0)
    assert events_path(tmp_path).read_bytes().count(b"\n") == 6
    assert count_undelivered(tmp_path) == 6
    (warning,) = warnings(caplog)
    assert "events=3" in warning
    assert "ConnectionError" in warning


def test_a_hanging_server_is_asked_once(
    tmp_path: Path,
    clock: FakeClock,
    hanging_endpoint: HangingEndpoint,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(3):  # each as a process of its own would: nothing shared but the lake
        make(tmp_path, hanging_endpoint.url, clock, is_quiet=True).deliver(LINES)
    assert len(hanging_endpoint.accepted) == 1
    assert count_undelivered(tmp_path) == 9
    (warning,) = warnings(caplog)
    assert "ReadTimeout" in warning


def test_a_failing_server_is_asked_once(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.statuses = [500]
    delivery = make(tmp_path, endpoint.url, clock)
    delivery.deliver(LINES)
    delivery.deliver(LINES)
    assert len(endpoint.received) == 1
    assert delivery.undelivered == 6
    (warning,) = warnings(caplog)
    assert "HTTP 500" in warning


def test_a_redirect_is_a_failure(tmp_path: Path, clock: FakeClock, endpoint: Endpoint) -> None:
    endpoint.statuses = [302]
    delivery = make(tmp_path, endpoint.url, clock)
    delivery.deliver(LINES)
    assert (len(endpoint.received), delivery.undelivered) == (1, 3)


def test_a_rejected_event_fails_alone(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.statuses = [422, 201]
    delivery = make(tmp_path, endpoint.url, clock)
    delivery.deliver(LINES)
    assert (len(endpoint.received), delivery.undelivered) == (3, 1)
    assert len(warnings(caplog)) == 1


def test_the_breaker_holds_in_another_process(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint
) -> None:
    endpoint.statuses = [503]
    make(tmp_path, endpoint.url, clock).deliver(LINES)
    script = (
        "import sys; from datetime import datetime; from pathlib import Path;"
        "from assay.lineage.delivery import Delivery;"
        "now = datetime.fromisoformat(sys.argv[3]);"
        "d = Delivery(Path(sys.argv[1]), url=sys.argv[2], clock=lambda: now);"
        "d.deliver([b'{}']); print(d.undelivered)"
    )
    arguments = [str(tmp_path), endpoint.url, clock.now.isoformat()]
    other = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == "1"
    assert len(endpoint.received) == 1
    assert count_undelivered(tmp_path) == 4


def test_the_endpoint_is_tried_again_after_its_rest(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint
) -> None:
    endpoint.statuses = [500, 201]
    delivery = make(tmp_path, endpoint.url, clock)
    delivery.deliver(LINES[:1])
    clock.pass_seconds(599)
    delivery.deliver(LINES[1:2])
    assert len(endpoint.received) == 1
    clock.pass_seconds(1)
    delivery.deliver(LINES[2:])
    assert [event for _, event in endpoint.received] == [{"n": 1}, {"n": 3}]
    assert not (events_path(tmp_path).parent / "endpoint_down.json").exists()


def test_another_endpoint_is_not_blamed(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint, refusing_url: str
) -> None:
    make(tmp_path, refusing_url, clock).deliver(LINES)
    make(tmp_path, endpoint.url, clock).deliver(LINES)
    assert len(endpoint.received) == 3


@pytest.mark.parametrize("marker", ["", "[]", "null", '{"endpoint": 1}', "{", '"x"'])
def test_a_broken_marker_is_no_marker(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint, marker: str
) -> None:
    path = events_path(tmp_path).parent / "endpoint_down.json"
    path.parent.mkdir(parents=True)
    path.write_text(marker)
    make(tmp_path, endpoint.url, clock).deliver(LINES)
    assert len(endpoint.received) == 3


def test_slow_answers_are_waited_for_up_to_a_budget(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.lineage.http_endpoint.SLOW_SECONDS", 0.0)
    monkeypatch.setattr("assay.lineage.http_endpoint.SLOW_BUDGET_SECONDS", 0.0)
    delivery = make(tmp_path, endpoint.url, clock)
    delivery.deliver(LINES)
    assert (len(endpoint.received), delivery.undelivered) == (1, 2)


def test_a_lake_that_cannot_be_written_fails_no_run(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "_assay").write_text("a file where the folder should be")
    delivery = make(tmp_path, endpoint.url, clock)
    delivery.deliver(LINES)
    delivery.deliver(LINES)
    assert (delivery.lost, delivery.undelivered) == (6, 0)
    assert len(endpoint.received) == 6
    (warning,) = warnings(caplog)
    assert warning.startswith("lineage_lost events=3")


def test_credentials_stay_out_of_the_log(
    tmp_path: Path, clock: FakeClock, refusing_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = refusing_url.replace("http://", "http://name:hunter2@")
    make(tmp_path, url, clock).deliver(LINES)
    kept = (events_path(tmp_path).parent / "endpoint_down.json").read_text()
    assert "hunter2" not in caplog.text + kept
    assert len(warnings(caplog)) == 1


def test_what_was_not_taken_can_be_sent_again(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint
) -> None:
    endpoint.statuses = [500, 201]
    make(tmp_path, endpoint.url, clock).deliver(LINES)
    endpoint.received.clear()
    assert resend(tmp_path, endpoint.url, clock) == 3
    assert [event for _, event in endpoint.received] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert count_undelivered(tmp_path) == 0
    assert resend(tmp_path, endpoint.url, clock) == 0


def test_sending_again_in_vain_keeps_the_events(
    tmp_path: Path, clock: FakeClock, refusing_url: str
) -> None:
    make(tmp_path, refusing_url, clock).deliver(LINES)
    with pytest.raises(LineageError, match="took none of 3 events: ConnectionError"):
        resend(tmp_path, refusing_url, clock)
    assert count_undelivered(tmp_path) == 3


def test_sending_again_needs_an_endpoint(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(LineageError, match="no lineage endpoint is set"):
        resend(tmp_path, "", clock)


def test_addresses() -> None:
    assert complete_url("http://host:5000/") == "http://host:5000/api/v1/lineage"
    assert complete_url("http://host:5000/own/path") == "http://host:5000/own/path"
    assert hide_credentials("http://u:p@host:1/a?key=k") == "http://host:1/a"


def test_events_are_json_lines(tmp_path: Path, clock: FakeClock) -> None:
    make(tmp_path, "", clock).deliver(LINES)
    assert [json.loads(line)["n"] for line in events_path(tmp_path).read_text().splitlines()] == [
        1,
        2,
        3,
    ]
