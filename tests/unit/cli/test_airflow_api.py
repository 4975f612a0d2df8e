"""The trigger's client when the server misbehaves. The real server: tests/e2e/test_stack.py."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assay.cli import airflow_api
from assay.cli.airflow_api import trigger_and_wait
from assay.errors import RemoteRunFailed

RUN_ID = "manual__2026-01-01T00:00:00+00:00"
TASKS = [
    {"task_id": "land", "map_index": -1, "state": "success"},
    {"task_id": "audit", "map_index": 2, "state": "running"},
    {"task_id": "publish", "map_index": -1, "state": None},
]


class FakeAirflow(ThreadingHTTPServer):
    """Stands for an API server that breaks in ways a real one does not on request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FakeHandler)
        self.requests: list[tuple[str, str]] = []
        self.stream: list[str] = ["running", "success"]
        self.stream_is_cut = False
        self.polled: list[str | int] = ["success"]
        self.answers: dict[tuple[str, str], tuple[int, object]] = {}
        self.logins = 0
        self.params: dict[str, object] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class FakeHandler(BaseHTTPRequestHandler):
    server: FakeAirflow

    def reply(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.server.requests.append((self.command, self.path))
        prepared = self.server.answers.get((self.command, self.path.split("?")[0]))
        if prepared:
            self.reply(*prepared)
        elif self.path == "/auth/token":
            self.server.logins += 1
            self.reply(201, {"access_token": f"token-{self.server.logins}"})
        elif "/wait" in self.path:
            self.send_stream()
        elif self.path.endswith("/details"):
            self.reply(200, {"params": self.server.params})
        elif "taskInstances" in self.path:
            self.reply(200, {"task_instances": TASKS})
        elif self.command == "PATCH":
            self.reply(200, {})
        elif self.command == "POST":
            self.reply(200, {"dag_run_id": RUN_ID, "state": "queued"})
        else:
            self.send_polled()

    do_GET = do_POST = do_PATCH = handle_one  # noqa: N815, the names are http.server's

    def send_stream(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for state in self.server.stream:
            line = json.dumps({"state": state}).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        if self.server.stream_is_cut:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.wfile.write(b"0\r\n\r\n")

    def send_polled(self) -> None:
        states = self.server.polled
        state = states.pop(0) if len(states) > 1 else states[0]
        if isinstance(state, int):
            self.reply(state, {"detail": "not now"})
        else:
            self.reply(200, {"state": state})

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAirflow]:
    monkeypatch.setattr(airflow_api, "POLL_SECONDS", 0.01)
    server = FakeAirflow()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def follow(
    server: FakeAirflow, *, wait: bool = True, timeout_seconds: float = 10
) -> tuple[str, list[str]]:
    lines: list[str] = []
    state = trigger_and_wait(
        server.url,
        "admin",
        "secret",
        "flights",
        {"n": 1},
        wait=wait,
        timeout_seconds=timeout_seconds,
        echo=lines.append,
    )
    return state, lines


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(RemoteRunFailed) as caught:
        call()
    assert "secret" not in str(caught.value)
    return str(caught.value)


def test_each_change_is_printed_once_and_run_ids_are_encoded(airflow: FakeAirflow) -> None:
    airflow.stream = ["queued", "running", "running", "success"]
    state, lines = follow(airflow)
    encoded = "manual__2026-01-01T00%3A00%3A00%2B00%3A00"
    assert state == "success"
    assert lines == [
        f"flights {RUN_ID}: queued",
        f"  {airflow.url}/dags/flights/runs/{encoded}",
        "  land: success",
        "  audit[2]: running",
        f"flights {RUN_ID}: running",
        f"flights {RUN_ID}: success",
    ]
    assert ("GET", f"/api/v2/dags/flights/dagRuns/{encoded}/wait?interval=1") in airflow.requests


def test_http_200_with_a_failed_last_line_is_a_failure(airflow: FakeAirflow) -> None:
    airflow.stream = ["running", "failed"]
    assert f"run {RUN_ID} of flights ended as 'failed'" in refusal(lambda: follow(airflow))


def test_without_wait_the_run_is_only_started(airflow: FakeAirflow) -> None:
    state, _ = follow(airflow, wait=False)
    assert state == "queued"
    assert [method for method, _ in airflow.requests] == ["POST", "GET", "PATCH", "POST"]


@pytest.mark.parametrize(
    ("cut", "stream", "polled", "outcome"),
    [
        pytest.param(True, ["running"], ["running", "success"], "success", id="cut"),
        pytest.param(True, [], ["success"], "success", id="cut before the first line"),
        pytest.param(False, ["running"], ["success"], "success", id="ended early"),
        pytest.param(True, ["running"], [503, 502, "success"], "success", id="cut, then restarts"),
    ],
)
def test_a_stream_that_stops_is_followed_by_asking(
    airflow: FakeAirflow, cut: bool, stream: list[str], polled: list[str | int], outcome: str
) -> None:
    airflow.stream, airflow.stream_is_cut, airflow.polled = stream, cut, polled
    state, _ = follow(airflow)
    assert state == outcome


def test_a_failure_seen_by_asking_is_a_failure(airflow: FakeAirflow) -> None:
    airflow.stream, airflow.stream_is_cut, airflow.polled = ["running"], True, ["failed"]
    assert "ended as 'failed'" in refusal(lambda: follow(airflow))


def test_a_run_that_outlasts_the_timeout_is_not_a_success(airflow: FakeAirflow) -> None:
    airflow.stream, airflow.polled = ["running"], ["running"]
    message = refusal(lambda: follow(airflow, timeout_seconds=0.2))
    assert "still 'running' after 0 s" in message
    assert "it goes on" in message


def test_a_server_that_stays_away_is_not_a_success(
    airflow: FakeAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(airflow_api, "OUTAGE_SECONDS", 0.1)
    airflow.stream, airflow.polled = ["running"], [503]
    assert "does not answer: HTTPError" in refusal(lambda: follow(airflow))


def test_nobody_listening_says_how_to_start_it() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    message = refusal(
        lambda: trigger_and_wait(
            url, "admin", "secret", "x", {}, wait=True, timeout_seconds=1, echo=print
        )
    )
    assert f"Airflow at {url} does not answer: ConnectionError" in message
    assert "make up" in message


def test_a_wrong_password_is_named_as_that(airflow: FakeAirflow) -> None:
    airflow.answers["POST", "/auth/token"] = (401, {"detail": "Invalid credentials"})
    message = refusal(lambda: follow(airflow))
    assert "does not accept user 'admin'" in message
    assert "--password-file" in message


def test_a_token_that_ran_out_is_renewed(airflow: FakeAirflow) -> None:
    airflow.stream = []
    original = FakeHandler.send_polled

    def expired_once(handler: FakeHandler) -> None:
        if airflow.logins == 1:
            handler.reply(401, {"detail": "expired"})
        else:
            original(handler)

    FakeHandler.send_polled = expired_once  # type: ignore[method-assign]
    try:
        state, _ = follow(airflow)
    finally:
        FakeHandler.send_polled = original  # type: ignore[method-assign]
    assert (state, airflow.logins) == ("success", 2)


@pytest.mark.parametrize(
    ("known", "hint"),
    [
        pytest.param(["flight", "weather"], "did you mean flight?", id="close"),
        pytest.param(["other"], "known: other", id="none close: all"),
        pytest.param([], "it knows none yet", id="none"),
    ],
)
def test_an_unknown_dag_names_those_that_are_known(
    airflow: FakeAirflow, known: list[str], hint: str
) -> None:
    airflow.answers["PATCH", "/api/v2/dags/flights"] = (404, {"detail": "not found"})
    found = {"dags": [{"dag_id": dag_id} for dag_id in known]}
    airflow.answers["GET", "/api/v2/dags"] = (200, found)
    message = refusal(lambda: follow(airflow))
    assert "knows no DAG 'flights'" in message
    assert hint in message


def test_a_refused_param_is_told_in_airflows_words(airflow: FakeAirflow) -> None:
    path = "/api/v2/dags/flights/dagRuns"
    airflow.answers["POST", path] = (400, {"detail": "Invalid input for param select"})
    message = refusal(lambda: follow(airflow))
    assert "refused to start a run of flights: HTTP 400" in message
    assert "Invalid input for param select" in message


def test_a_key_that_is_no_param_of_the_dag_starts_nothing(airflow: FakeAirflow) -> None:
    """Airflow takes it, and a misspelt param would be a run that does not do what was asked."""
    airflow.params = {"full_refresh": {}, "num": {}}
    said = refusal(lambda: follow(airflow))
    assert "the DAG 'flights' has no param 'n'" in said
    assert [method for method, _ in airflow.requests] == ["POST", "GET"]  # log in, look
    airflow.params["n"] = {}
    assert follow(airflow)[0] == "success"
