"""Every DAG file as Airflow parses it: which DAGs, their tasks, and that files only wire."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from airflow_process import ROOT, airflow_environ, run_python

from assay.contracts import list_products, read_contracts
from assay.domain import Layer, Stage
from assay.pipeline.scaffold_texts import dag_text

_READ_DAGS = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.configuration import conf

bag = DagBag(conf.get("core", "dags_folder"))
heavy = ("dbt", "great_expectations", "duckdb", "deltalake", "pyarrow", "pandas", "regopy")
loaded = sorted(name for name in heavy if name in sys.modules)
dags = {
    dag_id: {
        "tasks": [[t.task_id, sorted(t.upstream_task_ids)] for t in dag.topological_sort()],
        "owners": sorted({task.owner for task in dag.tasks}),
        "retries": sorted({task.retries for task in dag.tasks}),
        "retry_delays": sorted({task.retry_delay.total_seconds() for task in dag.tasks}),
        "outlets": [
            [task.task_id, asset.name, asset.uri] for task in dag.tasks for asset in task.outlets
        ],
        "callbacks": sorted({
            callback.__name__
            for task in dag.tasks
            for callback in (
                task.on_failure_callback
                if isinstance(task.on_failure_callback, (list, tuple))
                else [task.on_failure_callback]
            )
        }),
        "tags": sorted(dag.tags),
        "params": dag.params.dump(),
        "types": {name: dag.params.get_param(name).schema["type"] for name in dag.params},
        "schedule": dag.schedule,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "doc": dag.doc_md,
    }
    for dag_id, dag in bag.dags.items()
}
errors = {path.rsplit("/", 1)[-1]: text for path, text in bag.import_errors.items()}
with open(sys.argv[1], "w") as file:
    json.dump({"dags": dags, "errors": errors, "loaded": loaded}, file)
"""
STAGES = [stage.value for stage in Stage]
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = run_python(
        _READ_DAGS, airflow_environ(tmp_path_factory.mktemp("home"))
    )
    return answer


def test_the_dags_are_exactly_the_products_and_maintenance(found: Mapping[str, Any]) -> None:
    assert found["errors"] == {}
    assert sorted(found["dags"]) == ["flights", "maintenance"]
    assert found["dags"]["maintenance"]["tasks"] == [["maintain", []]]
    assert list_products(ROOT / "contracts") == ("flights",), "a product without a DAG, or one more"


def test_parsing_imports_nothing_heavy(found: Mapping[str, Any]) -> None:
    assert found["loaded"] == []


def test_the_flights_dag_is_one_line_of_stages(found: Mapping[str, Any]) -> None:
    assert STAGES == [
        "land",
        "bronze",
        "audit_bronze",
        "silver",
        "audit_silver",
        "gold",
        "audit_gold",
        "gate",
        "publish",
        "deliveries",
    ]
    upstream = [[], *([stage] for stage in STAGES[:-1])]
    assert found["dags"]["flights"]["tasks"] == [
        [stage, before] for stage, before in zip(STAGES, upstream, strict=True)
    ]


def test_what_the_flights_dag_is(found: Mapping[str, Any]) -> None:
    dag = {k: v for k, v in found["dags"]["flights"].items() if k not in ("tasks", "doc")}
    assert dag == {
        "owners": ["flight-operations"],
        "retries": [2],
        "retry_delays": [20.0],
        "outlets": [["publish", "release_of_flights", "assay://release/flights"]],
        "callbacks": ["notify_of_failure"],
        "tags": ["assay", "flights"],
        "params": {"full_refresh": False, "select": ""},
        "types": {"full_refresh": "boolean", "select": ["null", "string"]},
        "schedule": None,
        "catchup": False,
        "max_active_runs": 1,
    }


def test_the_docs_page_names_every_table(found: Mapping[str, Any]) -> None:
    page = found["dags"]["flights"]["doc"]
    for contract in read_contracts(ROOT / "contracts", "flights"):
        assert f"\n### `{contract.table}`\n" in page
        if contract.layer is Layer.GOLD:
            assert f"| gold.{contract.table} | {contract.version} | {contract.grain} |" in page
        else:
            assert contract.mode is not None
            assert f"| {contract.table} | {contract.mode.value} |" in page


@pytest.mark.parametrize("file", DAG_FILES, ids=lambda file: file.stem)
def test_a_dag_file_only_wires(file: Path) -> None:
    """A docstring, imports of the factory, and one call whose arguments are plain values."""
    docstring, *imports, last = ast.parse(file.read_text("utf-8")).body
    assert isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant)
    for statement in imports:
        assert isinstance(statement, ast.ImportFrom), "move logic to plugins/assay"
        assert statement.module in ("assay.airflow", "datetime")
    assert isinstance(last, ast.Assign) and isinstance(last.value, ast.Call)
    allowed = ast.Call | ast.Name | ast.Constant | ast.keyword | ast.List | ast.Load
    strange = [node for node in ast.walk(last.value) if not isinstance(node, allowed)]
    assert not strange, "a DAG file is one call of product_dag with plain arguments"


def test_there_are_dag_files_to_check() -> None:
    assert [file.name for file in DAG_FILES] == ["flights.py", "maintenance.py"]


def test_the_scaffolded_dag_file_is_like_the_first_one() -> None:
    text = (ROOT / "dags" / "flights.py").read_text("utf-8")
    first, rest = text.split("\n", 1)
    assert first.startswith('"""')
    assert dag_text("flights").split("\n", 1)[1] == rest


def _copy_project(root: Path) -> None:
    for name in ("contracts", "dags"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "dbt_project").mkdir()


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Two products beside flights: one with a broken contract, one without any."""
    root = tmp_path_factory.mktemp("project")
    _copy_project(root)
    (root / "dags" / "toys.py").write_text(dag_text("toys"), "utf-8")
    (root / "dags" / "shop.py").write_text(dag_text("shop"), "utf-8")
    (root / "contracts" / "shop").mkdir()
    (root / "contracts" / "shop" / "orders.odcs.yaml").write_text("kind: [DataContract\n", "utf-8")
    environ = airflow_environ(
        root / "home", ASSAY_PROJECT=str(root), AIRFLOW__CORE__DAGS_FOLDER=str(root / "dags")
    )
    answer: Mapping[str, Any] = run_python(_READ_DAGS, environ)
    return answer


def test_a_broken_contract_is_an_import_error_that_says_where(broken: Mapping[str, Any]) -> None:
    assert sorted(broken["dags"]) == ["flights", "maintenance"]
    assert sorted(broken["errors"]) == ["shop.py", "toys.py"]
    message = broken["errors"]["shop.py"]
    assert "ContractError: not YAML:" in message
    assert "where: contracts/shop/orders.odcs.yaml:2" in message
    assert "what to do: mend the line" in message


def test_a_missing_contract_is_an_import_error_that_says_so(broken: Mapping[str, Any]) -> None:
    message = broken["errors"]["toys.py"]
    assert "ContractError: the product 'toys' has no contract" in message
    assert "`assay new product toys`" in message


_READ_PLUGINS = """
import json, sys
from airflow import plugins_manager

plugins_manager._get_plugins()
errors = plugins_manager.get_import_errors()
executed = sorted(
    name for name in sys.modules
    if name.startswith("assay") and not name.startswith(("assay.airflow", "assay_plugin"))
)
executed += sorted(
    name for name, module in sys.modules.items()
    if "/plugins/assay/" in str(getattr(module, "__file__", "")) and not name.startswith("assay")
)
with open(sys.argv[1], "w") as file:
    json.dump({"errors": errors, "executed": executed}, file)
"""


def test_the_plugin_scan_leaves_the_package_alone(tmp_path: Path) -> None:
    found = run_python(_READ_PLUGINS, airflow_environ(tmp_path))
    assert found["errors"] == {}
    heavy = ("assay.pipeline", "assay.transform", "assay.quality", "assay.cli", "assay.dbt")
    assert [name for name in found["executed"] if name.startswith(heavy)] == []
    assert [name for name in found["executed"] if not name.startswith("assay")] == []


def test_without_the_ignore_file_the_scan_would_not(tmp_path: Path) -> None:
    """The check above can fail: without .airflowignore the scan starts the command line."""
    plugins = tmp_path / "plugins"
    shutil.copytree(ROOT / "plugins" / "assay", plugins / "assay")
    environ = airflow_environ(tmp_path / "home", AIRFLOW__CORE__PLUGINS_FOLDER=str(plugins))
    with pytest.raises(AssertionError, match="Usage: assay"):
        run_python(_READ_PLUGINS, environ)
