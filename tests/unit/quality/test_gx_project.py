"""A release opens in the Great Expectations API: suites, validation definitions, checkpoints."""

from __future__ import annotations

from pathlib import Path

import duckdb
import great_expectations as gx
import pytest
from great_expectations.data_context import FileDataContext

from assay.errors import QualityError
from assay.quality import Suite, load_suite
from assay.quality.gx_project import write_project

from .conftest import TABLE, WriteSuite

UNIQUE = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "order_id"}}
REPEATED = {
    "type": "expect_column_values_to_be_unique",
    "kwargs": {"column": "status"},
    "severity": "warning",
}


@pytest.fixture
def suite(expectations: Path, write_suite: WriteSuite) -> Suite:
    write_suite(UNIQUE, REPEATED)
    return load_suite(expectations, "shop", TABLE)


@pytest.fixture
def released(connection: duckdb.DuckDBPyConnection, orders: Path) -> duckdb.DuckDBPyConnection:
    connection.execute(f"create view gold.fct_orders as from delta_scan('{orders}', version => 0)")
    return connection


def test_a_checkpoint_runs_against_the_release(
    tmp_path: Path, released: duckdb.DuckDBPyConnection, suite: Suite
) -> None:
    context = write_project(tmp_path, "shop", released, {TABLE: suite})
    assert {each.name for each in context.checkpoints.all()} == {"gold.fct_orders", "shop"}
    result = context.checkpoints.get("shop").run()
    (run,) = result.run_results.values()
    assert [(each.success, each.result["unexpected_count"]) for each in run.results] == [
        (True, 0),
        (False, 2),
    ]
    assert not result.success
    stored = [each.read_text() for each in tmp_path.rglob("validations/**/*.json")]
    assert len(stored) == 1
    assert [value for value in ("open", "paid", "lost") if value in stored[0]] == []


def test_a_validation_definition_runs_alone(
    tmp_path: Path, released: duckdb.DuckDBPyConnection, suite: Suite
) -> None:
    context = write_project(tmp_path, "shop", released, {TABLE: suite})
    definition = context.validation_definitions.get("gold.fct_orders")
    assert [each.severity.value for each in definition.suite.expectations] == [
        "critical",
        "warning",
    ]
    assert definition.run().statistics["evaluated_expectations"] == 2


def test_what_a_person_added_stays(
    tmp_path: Path, released: duckdb.DuckDBPyConnection, suite: Suite
) -> None:
    context = write_project(tmp_path, "shop", released, {TABLE: suite})
    own = context.validation_definitions.get("gold.fct_orders")
    context.checkpoints.add(gx.Checkpoint(name="mine", validation_definitions=[own]))
    again = write_project(tmp_path, "shop", released, {TABLE: suite})
    assert again.checkpoints.get("mine").run().run_results


def test_files_open_in_gx_alone_but_nothing_runs(
    tmp_path: Path, released: duckdb.DuckDBPyConnection, suite: Suite
) -> None:
    write_project(tmp_path, "shop", released, {TABLE: suite})
    context = gx.get_context(mode="file", project_root_dir=tmp_path)
    assert len(context.suites.get("gold.fct_orders").expectations) == 2
    with pytest.raises(QualityError, match="no release is open for the data source shop"):
        context.checkpoints.get("gold.fct_orders").run()


@pytest.mark.parametrize("has_asked", [False, True])
def test_each_context_reads_its_own_release(
    tmp_path: Path,
    released: duckdb.DuckDBPyConnection,
    orders: Path,
    suite: Suite,
    has_asked: bool,
) -> None:
    first = write_project(tmp_path, "shop", released, {TABLE: suite})
    if has_asked:
        assert _rows(first) == 4
    with released.cursor() as other:
        other.execute("attach ':memory:' as later; use later; create schema gold")
        other.execute(f"create view gold.fct_orders as from delta_scan('{orders}', version => 1)")
        second = write_project(tmp_path, "shop", other, {TABLE: suite})
        assert [_rows(each) for each in (first, second, first)] == [4, 1, 4]


def _rows(context: FileDataContext) -> int:
    result = context.checkpoints.get("gold.fct_orders").run()
    (run,) = result.run_results.values()
    return int(run.results[0].result["element_count"])


def test_analytics_are_off(
    tmp_path: Path, released: duckdb.DuckDBPyConnection, suite: Suite
) -> None:
    write_project(tmp_path, "shop", released, {TABLE: suite})
    assert "analytics_enabled: false" in (tmp_path / "gx" / "great_expectations.yml").read_text()
