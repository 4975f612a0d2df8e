"""The flights DAG through Airflow itself: to a release, to nothing to do, to refused and failed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assay.domain import Stage
from assay.releases import ReleaseLedger
from flights_project import ROWS, FlightsProject, make_flights_project
from webhook import open_webhook

STAGES = [stage.value for stage in Stage]
_RUN_DAGS = """
import json, os, runpy, sys
from pathlib import Path
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session

root, webhook, result = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
suite = {
    "name": "dim_carriers.own",
    "expectations": [
        {
            "type": "expect_table_row_count_to_equal",
            "kwargs": {"value": 1},
            "severity": "critical",
        }
    ],
}

def deliver_work_and_an_empty_file():
    os.environ["ASSAY_WEBHOOK_URL"] = webhook
    airlines = root / "deliveries" / "flights" / "airlines"
    text = (airlines / "airlines.csv").read_text()
    (airlines / "renamed.csv").write_text(text.replace("Endeavor Air Inc.", "Endeavor"))
    (root / "deliveries" / "flights" / "planes" / "empty.csv").write_text("")

def fail_an_audit():
    path = root / "expectations" / "flights" / "dim_carriers.own.json"
    path.write_text(json.dumps(suite))

outcomes = {}
for name, prepare in (
    ("first", None),
    ("idle", None),
    ("incomplete", deliver_work_and_an_empty_file),
    ("failing", fail_an_audit),
):
    if prepare:
        prepare()
    dag = runpy.run_path(str(root / "dags" / "flights.py"))["dag"]
    run = dag.test()
    with create_session() as session:
        tasks = session.query(TaskInstance).filter_by(dag_id="flights", run_id=run.run_id)
        states = {task.task_id: str(task.state) for task in tasks}
        tries = {task.task_id: task.try_number for task in tasks}
    outcomes[name] = {
        "run_id": run.run_id, "state": str(run.state), "tasks": states, "tries": tries
    }
    result.write_text(json.dumps(outcomes))
"""


@dataclass
class Outcome:
    """Four DAG runs of one project, and what the webhook got."""

    project: FlightsProject
    runs: Mapping[str, Mapping[str, Any]]
    notifications: list[dict[str, str]]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    project = make_flights_project(tmp_path_factory.mktemp("flights"))
    project.with_airflow()
    script, result = project.root / "run_dags.py", project.root / "outcomes.json"
    script.write_text(_RUN_DAGS, "utf-8")
    with open_webhook() as webhook:
        arguments = (str(project.root), webhook.url, str(result))
        done = project.run("python", str(script), *arguments, timeout=550)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return Outcome(project, json.loads(result.read_text("utf-8")), webhook.received)


def _sql(project: FlightsProject, query: str) -> list[dict[str, Any]]:
    done = project.run("assay", "sql", query, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_delivery_ends_in_a_release(outcome: Outcome) -> None:
    first = outcome.runs["first"]
    assert first["state"] == "success"
    assert first["tasks"] == dict.fromkeys(STAGES, "success")
    found = _sql(
        outcome.project,
        "select (select count(*) from gold.fct_flights) as flights,"
        " (select count(*) from gold.fct_departure_weather) as joined,"
        " (select count(*) from gold.dim_carriers) as carriers",
    )
    assert found == [{"flights": ROWS, "joined": ROWS, "carriers": 16}]


def test_with_nothing_to_do_every_task_is_skipped(outcome: Outcome) -> None:
    idle = outcome.runs["idle"]
    assert idle["state"] == "success"
    assert idle["tasks"] == dict.fromkeys(STAGES, "skipped")


def test_a_refused_delivery_fails_the_last_task_of_a_run_that_is_published(
    outcome: Outcome,
) -> None:
    incomplete = outcome.runs["incomplete"]
    assert incomplete["state"] == "failed"
    assert incomplete["tasks"] == {
        **dict.fromkeys(STAGES[:-1], "success"),
        "deliveries": "failed",
    }
    assert incomplete["tries"]["deliveries"] == 1
    found = _sql(outcome.project, "select name from gold.dim_carriers where carrier = '9E'")
    assert found == [{"name": "Endeavor"}]


def test_a_failed_audit_fails_the_dag_run_at_once(outcome: Outcome) -> None:
    failing = outcome.runs["failing"]
    assert failing["state"] == "failed"
    assert failing["tasks"] == {
        **dict.fromkeys(STAGES[:6], "success"),
        "audit_gold": "failed",
        **dict.fromkeys(STAGES[7:], "upstream_failed"),
    }
    # An audit that failed fails again: it is not retried.
    assert failing["tries"]["audit_gold"] == 1


def test_only_runs_that_passed_all_audits_are_published(outcome: Outcome) -> None:
    releases = ReleaseLedger(outcome.project.lake).all("flights")
    assert [release.number for release in releases] == [1, 2]


@pytest.mark.parametrize(
    ("position", "expected", "word"),
    [
        pytest.param(
            0,
            ("assay.deliveries_incomplete", "deliveries", "deliveries_incomplete"),
            "planes/empty.csv: is empty",
            id="refused deliveries",
        ),
        pytest.param(
            1,
            ("assay.run_failed", "audit_gold", "audit_failed"),
            "gold.dim_carriers",
            id="a failed audit",
        ),
    ],
)
def test_a_run_that_went_wrong_notifies_once(
    outcome: Outcome, position: int, expected: tuple[str, str, str], word: str
) -> None:
    assert len(outcome.notifications) == 2
    sent = outcome.notifications[position]
    assert (sent["event"], sent["stage"], sent["code"]) == expected
    assert sent["product"] == "flights"
    assert word in sent["what"]
    explained = outcome.project.run("assay", "explain", sent["run_id"])
    assert explained.returncode == 0
    assert word in explained.stdout


def _parent(event: Mapping[str, Any]) -> str:
    facets = event["run"].get("facets", {})
    return str(facets.get("parent", {}).get("run", {}).get("runId", ""))


def test_lineage_links_every_child_to_its_airflow_task(outcome: Outcome) -> None:
    events = outcome.project.events()
    tasks = {
        event["run"]["runId"]: event["job"]["name"].removeprefix("flights.")
        for event in events
        if event["job"]["name"] in {f"flights.{stage}" for stage in STAGES}
    }
    airflow_jobs = {"flights", *(f"flights.{stage}" for stage in STAGES)}
    children = [event for event in events if event["job"]["name"] not in airflow_jobs]
    assert children
    assert [event["job"]["name"] for event in children if _parent(event) not in tasks] == []
    assert {tasks[_parent(event)] for event in children} == set(STAGES) - {
        "gate",
        "publish",
        "deliveries",
    }


def test_lineage_tells_what_was_read_and_written(outcome: Outcome) -> None:
    found = {
        (source["name"], target["name"])
        for event in outcome.project.events()
        for source in event.get("inputs", [])
        for target in event.get("outputs", [])
    }
    assert ("silver.flights__flights", "gold.fct_flights") in found
    assert ("gold.fct_flights", "gold.agg_carrier_month") in found


def test_nothing_outside_this_machine_was_asked(outcome: Outcome) -> None:
    assert outcome.project.refused() == []


def test_the_tasks_left_the_tests_own_folders_alone(outcome: Outcome) -> None:
    home = Path(outcome.project.environ["HOME"])
    assert [path.name for path in home.rglob("*") if path.is_file()] == []
