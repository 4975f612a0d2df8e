"""Nothing that Assay starts speaks to anybody on its own: no telemetry, no check for updates.

The DAG's own runs are held to the same in ``test_flights_dag.py``. The guard sees what Python
opens; what native libraries open is held to by the settings that the last tests check.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from flights_project import ROOT, FlightsProject, make_flights_project

OFF = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "SCARF_NO_ANALYTICS": "true",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "False",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> FlightsProject:
    """A project whose processes are told nothing about telemetry by their environment."""
    made = make_flights_project(tmp_path_factory.mktemp("quiet"))
    assert not set(OFF) & set(made.environ)
    return made


def test_the_guard_refuses_and_writes_down(tmp_path: Path) -> None:
    guarded = make_flights_project(tmp_path)
    for code in (
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import socket; socket.getaddrinfo('stats.example', 443)",
        "import requests; requests.get('http://stats.example')",
    ):
        done = guarded.run("python", "-c", code)
        assert "refused by the test" in done.stderr
    assert [line.split(" by ")[0] for line in guarded.refused()] == [
        "socket.getaddrinfo ('192.0.2.1', 80)",
        "socket.getaddrinfo ('stats.example', 443)",
        "socket.getaddrinfo ('stats.example', 80)",
    ]


def test_a_run_from_the_command_line(project: FlightsProject) -> None:
    done = project.run("assay", "run", "flights")
    assert done.returncode == 0, done.stdout + done.stderr
    counted = project.run("assay", "sql", "select count(*) as n from gold.fct_flights")
    assert "150" in counted.stdout
    assert project.refused() == []


def test_a_plain_dbt_build(project: FlightsProject) -> None:
    where = ("--project-dir", "dbt_project", "--profiles-dir", "dbt_project")
    done = project.run("dbt", "build", *where, "--select", "dim_carriers")
    assert done.returncode == 0, done.stdout
    assert project.refused() == []


def test_airflow_itself(project: FlightsProject) -> None:
    settings = project.with_airflow()
    assert {name: settings[name] for name in OFF} == OFF
    listed = project.run("airflow", "dags", "list", "--output", "json")
    assert listed.returncode == 0, listed.stderr
    assert project.refused() == []


def test_great_expectations_brings_no_telemetry() -> None:
    """The version in the lock has none; one that has them again must be told off."""
    assert importlib.util.find_spec("great_expectations.analytics") is None
    assert importlib.util.find_spec("posthog") is None


def test_duckdb_fetches_no_extension() -> None:
    from assay.storage import open_connection

    with open_connection(threads="1") as connection:
        settings = dict(
            connection.execute(
                "select name, value from duckdb_settings() where name like 'auto%known_ext%'"
            ).fetchall()
        )
    assert settings == {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def test_dbt_is_off_in_the_project() -> None:
    document = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text("utf-8"))
    assert document["flags"]["send_anonymous_usage_stats"] is False


def test_every_service_of_compose_that_runs_our_image_is_off() -> None:
    """Their entry point is the stack's, which sets what is not set."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    ours = {
        name: service
        for name, service in compose["services"].items()
        if "build" in service or "assay" in str(service.get("image", ""))
    }
    assert ours
    for name, service in ours.items():
        environment = service.get("environment") or {}
        for variable, value in OFF.items():
            assert str(environment.get(variable, value)).lower() == value.lower(), name
    entrypoint = (ROOT / "deploy" / "airflow" / "entrypoint.sh").read_text("utf-8")
    assert "environment.py" in entrypoint
    dockerfile = (ROOT / "deploy" / "airflow" / "Dockerfile").read_text("utf-8")
    assert "entrypoint.sh" in dockerfile


def test_make_starts_airflow_through_the_same_settings() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    started = re.findall(r"^\t@?(.*(?:airflow|assay\.).*)$", makefile, re.MULTILINE)
    assert started
    for line in started:
        assert "deploy/airflow/" in line, line


def test_settings_of_the_stack(tmp_path: Path) -> None:
    code = "import json, environment; print(json.dumps(environment.NO_TELEMETRY))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "deploy" / "airflow",
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == OFF
