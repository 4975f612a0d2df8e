"""Broken rows through Airflow: quarantined with reasons, exported, mended, replayed, released."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assay.config import read_settings
from assay.domain import RowState, Stage
from assay.pipeline import Project, open_project
from flights_project import ROWS, FlightsProject, make_flights_project

STAGES = [stage.value for stage in Stage]
# Rows by their line, what is broken in them, and what they said before.
BROKEN = {3: ("distance", "far"), 5: ("origin", ""), 8: ("month", "13")}
_SCENARIO = """
import csv, json, runpy, sys
from pathlib import Path
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from click.testing import CliRunner
from assay.cli.main import run as assay

root, result = Path(sys.argv[1]), Path(sys.argv[2])
mended, told = json.loads(sys.argv[3]), {}

def run_dag(name):
    dag = runpy.run_path(str(root / "dags" / "flights.py"))["dag"]
    run = dag.test()
    with create_session() as session:
        tasks = session.query(TaskInstance).filter_by(dag_id="flights", run_id=run.run_id)
        told[name] = {task.task_id: str(task.state) for task in tasks}

def say(name, *arguments):
    done = CliRunner().invoke(assay, ["quarantine", *arguments])
    told[name] = [done.exit_code, done.output]

def mend(file):
    rows = list(csv.DictReader(file.open(newline="")))
    with file.open("w", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, **mended.get(row["_row_number"], {})} for row in rows)

file = root / "flights.csv"
run_dag("first")
say("list", "list", "flights.flights")
say("export", "export", "flights.flights", "--csv", str(file))
mend(file)
say("repair", "repair", "--from", str(file), "--why", "looked up in the schedule")
say("replay", "replay", "flights.flights")
say("replay again", "replay", "flights.flights")
run_dag("second")
say("replay at last", "replay", "flights.flights")
run_dag("idle")
result.write_text(json.dumps(told))
"""


@dataclass
class Scenario:
    """What each step told, and the project afterwards."""

    files: FlightsProject
    told: Mapping[str, Any]
    original: Mapping[int, Mapping[str, str]]

    @property
    def project(self) -> Project:
        return open_project(read_settings({**self.files.environ}))


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    files = make_flights_project(tmp_path_factory.mktemp("quarantine"))
    files.with_airflow()
    original = _break_rows(files.root / "deliveries" / "flights" / "flights")
    script, result = files.root / "scenario.py", files.root / "told.json"
    script.write_text(_SCENARIO, "utf-8")
    mended = json.dumps(original)
    done = files.run("python", str(script), str(files.root), str(result), mended, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return Scenario(files, json.loads(result.read_text("utf-8")), original)


def _break_rows(folder: Path) -> dict[int, dict[str, str]]:
    """Break rows of the delivery; return what they said before, by row number and column."""
    (path,) = folder.glob("*.csv")
    lines = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    original = {}
    for number, (column, text) in BROKEN.items():
        position = lines[0].index(column)
        original[number] = {column: lines[number][position]}
        lines[number][position] = text
    path.write_text("".join(",".join(line) + "\n" for line in lines), "utf-8")
    return original


def _rows(scenario: Scenario, query: str) -> list[dict[str, Any]]:
    done = scenario.files.run("assay", "sql", query, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_every_run_went_as_it_should(scenario: Scenario) -> None:
    assert scenario.told["first"] == dict.fromkeys(STAGES, "success")
    assert scenario.told["second"] == dict.fromkeys(STAGES, "success")
    assert scenario.told["idle"] == dict.fromkeys(STAGES, "skipped")


def test_every_step_says_what_it_did(scenario: Scenario) -> None:
    told = {name: said for name, said in scenario.told.items() if isinstance(said, list)}
    assert [code for code, _ in told.values()] == [0] * 6
    for rule in ("distance_type", "month_maximum"):
        assert rule in told["list"][1]
    assert told["export"][1].startswith("3 rows of quarantine.flights__flights written to ")
    assert told["repair"][1].startswith("3 rows of flights.flights repaired\n")
    assert told["replay"][1].startswith("3 rows of flights.flights sent again\n")
    for again in ("replay again", "replay at last"):
        assert told[again][1].startswith("Nothing to replay")


def test_the_mended_rows_are_released_as_if_nothing_had_happened(scenario: Scenario) -> None:
    found = _rows(
        scenario,
        "select count(*) as flights, count(distinct (year, month, day, carrier, flight, origin))"
        " as keys, count(*) filter (_source_file like 'quarantine/%') as replayed"
        " from silver.flights__flights",
    )
    assert found == [{"flights": ROWS, "keys": ROWS, "replayed": len(BROKEN)}]
    assert _rows(scenario, "select count(*) as flights from gold.fct_flights") == [
        {"flights": ROWS}
    ]
    assert _rows(
        scenario, "select _row_number, _state from quarantine.flights__flights order by 1"
    ) == [{"_row_number": number, "_state": "replayed"} for number in BROKEN]


def test_ledger_loads_and_balances_agree(scenario: Scenario) -> None:
    project = scenario.project
    entries = project.quarantine.entries("flights", "flights")
    said = [(entry.row_number, entry.state) for entry in entries]
    assert said == [
        *((number, RowState.REPAIRED) for number in BROKEN),
        *((number, RowState.REPLAYED) for number in BROKEN),
    ]
    for entry in entries:
        assert entry.values[BROKEN[entry.row_number][0]] == next(
            iter(scenario.original[entry.row_number].values())
        )
    delivered, replayed = project.loads.of_table("flights", "flights")
    assert {entry.replay for entry in entries} == {"", replayed.source_name}
    release = project.releases.current("flights")
    assert release is not None
    balances = {
        b.load_id: (b.landed, b.accepted, b.quarantined, b.replayed)
        for b in project.records.balances_of(release.run_id)
    }
    assert balances == {
        delivered.load_id: (ROWS, ROWS - len(BROKEN), 0, len(BROKEN)),
        replayed.load_id: (len(BROKEN), len(BROKEN), 0, 0),
    }
