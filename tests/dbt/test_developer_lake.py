"""A plain `dbt` from a shell: a lake of the developer's own over the released one."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deltalake import DeltaTable

from assay.domain import TableRef
from assay.storage import current_version, table_path
from flights_project import ROOT, ROWS, FlightsProject, deliver, make_flights_project

WHERE = ("--project-dir", "dbt_project", "--profiles-dir", "dbt_project")
FACTS = "models/gold/flights/fct_flights.sql"
MONTHS = "models/gold/flights/agg_carrier_month.sql"
OLDER = "are older than the current release"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> FlightsProject:
    """A project with January's release."""
    project = make_flights_project(tmp_path_factory.mktemp("developer"))
    done = project.run("assay", "run", "flights")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture
def project(released: FlightsProject) -> Iterator[FlightsProject]:
    """The released project with an empty developer's lake; the released one stays untouched."""
    shutil.rmtree(released.root / "lake-dev", ignore_errors=True)
    before = _files(released.lake)
    yield released
    assert _files(released.lake) == before, "dbt wrote to the released lake"


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _dbt(project: FlightsProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    command, *rest = arguments
    return project.run("dbt", command, *WHERE, *rest)


def _build(project: FlightsProject, *selection: str) -> subprocess.CompletedProcess[str]:
    done = _dbt(project, "build", "--select", *selection)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _results(project: FlightsProject) -> Counter[tuple[str, str]]:
    """Count the last invocation's results by kind and status."""
    text = (project.root / "dbt_project" / "target" / "run_results.json").read_text("utf-8")
    return Counter(
        (result["unique_id"].split(".")[0], result["status"])
        for result in json.loads(text)["results"]
    )


def _own(project: FlightsProject) -> dict[str, int]:
    """The developer's own tables, with their rows."""
    tables = project.root / "lake-dev" / "tables"
    return {
        f"{path.parent.name}.{path.name}": DeltaTable(str(path)).to_pyarrow_table().num_rows
        for path in sorted(tables.glob("*/*"))
        if current_version(path) is not None
    }


@contextmanager
def _edited(project: FlightsProject, name: str, old: str, new: str) -> Iterator[None]:
    """Change a file of the dbt project for a while."""
    path = project.root / "dbt_project" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    try:
        yield
    finally:
        path.write_text(text, "utf-8")


def test_what_is_built_is_the_developers_and_the_rest_is_released(project: FlightsProject) -> None:
    _build(project, "agg_carrier_month")
    released = table_path(project.lake, TableRef.parse("gold.agg_carrier_month"))
    own = project.root / "lake-dev" / "tables" / "gold" / "agg_carrier_month"
    assert _own(project) == {"gold.agg_carrier_month": 13}
    rows = [
        DeltaTable(str(path)).to_pyarrow_table().sort_by([("carrier", "ascending")]).to_pylist()
        for path in (released, own)
    ]
    assert rows[0] == rows[1]


def test_a_build_runs_the_contracts_tests_and_the_unit_tests(project: FlightsProject) -> None:
    _build(project, "path:models/gold")
    counts = _results(project)
    done = {("model", "success"), ("test", "pass"), ("unit_test", "pass")}
    # Planes, airports and weather hours that are not there.
    assert set(counts) == done | {("test", "warn")}
    assert counts["model", "success"] == 7
    assert counts["unit_test", "pass"] == 4
    required = sum(
        text.count("- not_null") + text.count("- unique_together") + text.count("_rules_error")
        for file in (ROOT / "dbt_project" / "models" / "gold").rglob("compiled/*.yml")
        for text in [file.read_text("utf-8")]
    )
    assert counts["test", "pass"] == required > 40


def test_a_data_test_that_fails_fails_the_build(project: FlightsProject) -> None:
    doubled = "    select * from {{ ref('flights__flights') }}\n    union all"
    with _edited(project, FACTS, "with flights as (\n", f"with flights as (\n{doubled}"):
        only_data = ("--exclude-resource-type", "unit_test")
        done = _dbt(project, "build", "--select", "fct_flights", *only_data)
    assert done.returncode == 1
    assert "FAIL 150 unique_together_fct_flights_time_hour__carrier__flight" in done.stdout


def test_a_row_that_breaks_a_contracts_rule_fails_the_build(project: FlightsProject) -> None:
    with _edited(project, MONTHS, "as cancelled", "+ 1 as cancelled"):
        only_data = ("--exclude-resource-type", "unit_test")
        done = _dbt(project, "build", "--select", "agg_carrier_month", *only_data)
    assert done.returncode == 1
    assert "FAIL 13 agg_carrier_month_row_rules_error" in done.stdout
    whole = ("--limit", "-1", "--output", "json")
    shown = _dbt(project, "show", "--select", "agg_carrier_month_row_rules_error", *whole)
    broken = '"rules_broken": "departed_and_cancelled_are_all"'
    assert shown.stdout.count(broken) == 13


def test_a_rule_with_curly_brackets_is_no_template(project: FlightsProject) -> None:
    rule = "departed + cancelled = flights"
    odd = f"{rule} and '{{{{ 1 / 0 }}}} {{% x %}}' like '_{{ 1%x %}}'"
    with _edited(project, "../contracts/flights/agg_carrier_month.odcs.yaml", rule, odd):
        assert project.run("assay", "contracts", "compile").returncode == 0
        done = _build(project, "agg_carrier_month")
    assert project.run("assay", "contracts", "compile").returncode == 0
    assert "PASS agg_carrier_month_row_rules_error" in done.stdout


def test_a_unit_test_that_fails_fails_the_build(project: FlightsProject) -> None:
    name = "models/gold/flights/fct_departure_weather.sql"
    with _edited(project, name, "flights.time_hour = weather.time_hour", "weather.hour = 1"):
        done = _dbt(project, "test", "--select", "fct_departure_weather,test_type:unit")
    assert done.returncode == 1
    assert _results(project) == {("unit_test", "fail"): 1}


def test_own_tables_shadow_the_released_ones(project: FlightsProject) -> None:
    with _edited(project, FACTS, "from flights\n", "from flights\nwhere carrier = 'UA'\n"):
        _build(project, "fct_flights", "agg_carrier_month", "--exclude-resource-type", "unit_test")
    own = _own(project)
    assert own["gold.agg_carrier_month"] == 1
    assert 0 < own["gold.fct_flights"] < ROWS
    # Another dbt, later: what it does not build it finds among the developer's tables.
    _build(project, "agg_route_month", "--exclude-resource-type", "unit_test")
    assert 0 < _own(project)["gold.agg_route_month"] < 80


def test_every_layer_can_be_built_from_the_landed_files(project: FlightsProject) -> None:
    _build(project, "+fct_flights")
    own = _own(project)
    assert own["bronze.bronze_nycflights__flights"] == ROWS
    assert own["silver.flights__flights"] == ROWS
    assert own["gold.fct_flights"] == ROWS


def test_before_the_first_release_there_is_nothing_to_read(
    tmp_path: Path, released: FlightsProject
) -> None:
    done = released.run(
        *("dbt", "build", *WHERE, "--select", "dim_carriers"),
        ASSAY_LAKE=str(tmp_path / "lake"),
        ASSAY_DEVELOPER_LAKE=str(tmp_path / "dev"),
    )
    assert done.returncode == 1
    assert "flights__airlines" in done.stdout
    assert not (tmp_path / "lake" / "tables").exists()


@pytest.mark.parametrize("command", ["parse", "compile", "show"])
def test_dbts_other_commands_work(project: FlightsProject, command: str) -> None:
    rest = [] if command == "parse" else ["--select", "dim_carriers"]
    done = _dbt(project, command, *rest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert _own(project) == {}


def test_the_catalog_has_the_types_of_the_released_tables(project: FlightsProject) -> None:
    assert project.run("dbt", "docs", "generate", *WHERE).returncode == 0
    text = (project.root / "dbt_project" / "target" / "catalog.json").read_text("utf-8")
    columns = json.loads(text)["nodes"]["model.assay.fct_flights"]["columns"]
    assert {name: columns[name]["type"] for name in ("flight_date", "time_hour", "carrier")} == {
        "flight_date": "DATE",
        "time_hour": "TIMESTAMP WITH TIME ZONE",
        "carrier": "VARCHAR",
    }


def test_own_tables_that_are_older_than_the_release_are_named(released: FlightsProject) -> None:
    shutil.rmtree(released.root / "lake-dev", ignore_errors=True)
    first = _build(released, "dim_carriers", "agg_carrier_month")
    assert OLDER not in first.stdout + first.stderr
    deliver(released.root / "deliveries", 2)
    assert released.run("assay", "run", "flights").returncode == 0
    later = _build(released, "agg_route_month")
    assert f"gold.agg_carrier_month {OLDER}" in later.stdout + later.stderr
