"""Trigger a DAG run over Airflow's REST API and follow it to its end. Imports no Airflow.

``GET …/wait`` answers HTTP 200 whatever becomes of the run: its last line says how it ended.
Source: Airflow 3.3 REST API v2, DagRun and Login.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

import requests

from assay.domain import did_you_mean
from assay.errors import RemoteRunFailed

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
POLL_SECONDS = 2.0
# How long a server may be out of reach in the middle of a run before we give up on it.
OUTAGE_SECONDS = 60.0
FINISHED = ("success", "failed")

Echo = Callable[[str], None]


def trigger_and_wait(
    base_url: str,
    user: str,
    password: str,
    dag_id: str,
    conf: Mapping[str, object],
    *,
    wait: bool,
    timeout_seconds: float,
    echo: Echo,
) -> str:
    """Start one run of a DAG; with ``wait`` follow it, printing each change of state.

    Returns:
        The run's state: ``success``, or without ``wait`` the state it started in.

    Raises:
        RemoteRunFailed: the server cannot be reached or refuses, the DAG is unknown, the run
            failed, or it was still going after ``timeout_seconds``.
    """
    try:
        return _trigger_and_wait(
            AirflowApi(base_url, user, password), dag_id, conf, wait, timeout_seconds, echo
        )
    except requests.RequestException as error:
        raise RemoteRunFailed(
            f"Airflow at {base_url} does not answer: {type(error).__name__}",
            todo="start it with: make up, or name its address with --url. If a run was named "
            "above, it may be going on: look at it when the server is back",
        ) from error


def _trigger_and_wait(
    api: AirflowApi,
    dag_id: str,
    conf: Mapping[str, object],
    wait: bool,
    timeout_seconds: float,
    echo: Echo,
) -> str:
    run_id, state = api.trigger(dag_id, conf)
    where = f"{api.base_url}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"
    echo(f"{dag_id} {run_id}: {state}")
    echo(f"  {where}")
    if not wait:
        return state
    state = _follow(api, dag_id, run_id, state, time.monotonic() + timeout_seconds, echo)
    if state == "success":
        return state
    if state not in FINISHED:
        raise RemoteRunFailed(
            f"run {run_id} of {dag_id} is still '{state}' after {timeout_seconds:.0f} s",
            where=where,
            todo="look at it there: it goes on; --timeout allows a longer wait",
        )
    raise RemoteRunFailed(
        f"run {run_id} of {dag_id} ended as '{state}'",
        where=where,
        todo="read the log of the first failed task there, then trigger again",
    )


class AirflowApi:
    """The few calls of Airflow's REST API that a trigger needs, with its errors put in words."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._user = user
        self._password = password
        self._session = requests.Session()
        self._log_in()

    def trigger(self, dag_id: str, conf: Mapping[str, object]) -> tuple[str, str]:
        """Unpause the DAG and start a run: (run id, state).

        Airflow lets keys pass that are no params of the DAG, and nothing would come of them.
        """
        path = f"dags/{quote(dag_id, safe='')}"
        if conf:
            self._require_params(dag_id, conf)
        answer = self._call("PATCH", f"{path}?update_mask=is_paused", {"is_paused": False})
        if answer.status_code == 404:
            raise self._unknown_dag(dag_id)
        self._require(answer, f"unpause {dag_id}")
        body = {"logical_date": None, "conf": dict(conf)}
        answer = self._call("POST", f"{path}/dagRuns", body)
        run = self._require(answer, f"start a run of {dag_id}").json()
        return str(run["dag_run_id"]), str(run["state"])

    def state(self, dag_id: str, run_id: str) -> str:
        """Read the run's state now."""
        answer = self._call("GET", _run_path(dag_id, run_id))
        return str(self._require(answer, f"read run {run_id}").json()["state"])

    def task_states(self, dag_id: str, run_id: str) -> list[tuple[str, str]]:
        """List the run's (task, state), mapped ones numbered; those without a state left out."""
        path = f"{_run_path(dag_id, run_id)}/taskInstances?limit=100"
        answer = self._require(self._call("GET", path), f"read the tasks of {run_id}")
        return [
            (task["task_id"] + (f"[{task['map_index']}]" if task["map_index"] >= 0 else ""), state)
            for task in answer.json()["task_instances"]
            if (state := task["state"])
        ]

    def stream_states(self, dag_id: str, run_id: str) -> Iterator[str]:
        """Yield the run's state once a second until it has ended or the connection has.

        Raises:
            requests.RequestException: the connection was cut.
        """
        url = f"{self.base_url}/api/v2/{_run_path(dag_id, run_id)}/wait?interval=1"
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        with self._session.get(url, stream=True, timeout=timeout) as answer:
            self._require(answer, f"wait for run {run_id}")
            for line in answer.iter_lines():
                if line:
                    yield str(json.loads(line)["state"])

    def _log_in(self) -> None:
        body = {"username": self._user, "password": self._password}
        answer = self._send("POST", f"{self.base_url}/auth/token", body)
        if answer.status_code == 401:
            raise RemoteRunFailed(
                f"Airflow at {self.base_url} does not accept user '{self._user}' "
                "with this password",
                todo="check --user and --password-file",
            )
        token = self._require(answer, "log in").json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def _call(self, method: str, path: str, body: object = None) -> requests.Response:
        url = f"{self.base_url}/api/v2/{path}"
        answer = self._send(method, url, body)
        if answer.status_code == 401:  # the token ran out in the middle of a long wait
            self._log_in()
            answer = self._send(method, url, body)
        return answer

    def _send(self, method: str, url: str, body: object) -> requests.Response:
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        return self._session.request(method, url, json=body, timeout=timeout)

    def _require(self, answer: requests.Response, what: str) -> requests.Response:
        if answer.ok:
            return answer
        if answer.status_code >= 500:  # a server that is restarting: as if it did not answer
            answer.raise_for_status()
        raise RemoteRunFailed(
            f"Airflow at {self.base_url} refused to {what}: HTTP {answer.status_code}, "
            f"{answer.text[:500]}",
            todo="check the address, the user's role and the values of --conf",
        )

    def _require_params(self, dag_id: str, conf: Mapping[str, object]) -> None:
        """Refuse keys that a DAG with params does not have; one without may read any."""
        answer = self._call("GET", f"dags/{quote(dag_id, safe='')}/details")
        if answer.status_code == 404:
            raise self._unknown_dag(dag_id)
        known = self._require(answer, f"read the params of {dag_id}").json()["params"]
        for key in sorted(set(conf) - set(known)) if known else ():
            raise RemoteRunFailed(
                f"the DAG '{dag_id}' has no param '{key}'", todo=did_you_mean(key, known)
            )

    def _unknown_dag(self, dag_id: str) -> RemoteRunFailed:
        answer = self._require(self._call("GET", "dags?limit=100"), "list its DAGs")
        known = [dag["dag_id"] for dag in answer.json()["dags"]]
        return RemoteRunFailed(
            f"Airflow at {self.base_url} knows no DAG '{dag_id}'",
            todo=did_you_mean(dag_id, known)
            if known
            else "it knows none yet: wait some seconds for the DAG processor, or read its log",
        )


def _run_path(dag_id: str, run_id: str) -> str:
    return f"dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}"


def _follow(
    api: AirflowApi, dag_id: str, run_id: str, state: str, deadline: float, echo: Echo
) -> str:
    """Print each change of the run and its tasks; return the last state seen by the deadline."""
    seen: dict[str, str] = {}
    for current in _states(api, dag_id, run_id, deadline, echo):
        try:
            tasks = api.task_states(dag_id, run_id)
        except requests.RequestException:
            tasks = []
        for task, task_state in tasks:
            if seen.get(task) != task_state:
                echo(f"  {task}: {task_state}")
                seen[task] = task_state
        if current != state:
            echo(f"{dag_id} {run_id}: {current}")
            state = current
        if state in FINISHED or time.monotonic() > deadline:
            break
    return state


def _states(
    api: AirflowApi, dag_id: str, run_id: str, deadline: float, echo: Echo
) -> Iterator[str]:
    """Yield the run's state from the stream; when that is cut, by asking again and again."""
    try:
        yield from api.stream_states(dag_id, run_id)
    except (requests.RequestException, ValueError, KeyError):
        echo(f"  the stream was cut; asking every {POLL_SECONDS:.0f} s instead")
    answered = time.monotonic()
    while time.monotonic() < deadline:
        try:
            yield api.state(dag_id, run_id)
            answered = time.monotonic()
        except requests.RequestException:
            if time.monotonic() - answered > OUTAGE_SECONDS:
                raise
        time.sleep(POLL_SECONDS)
