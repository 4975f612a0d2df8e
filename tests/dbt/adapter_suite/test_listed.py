"""Every class of dbt-tests-adapter is run here or listed with the reason why it cannot apply."""

from __future__ import annotations

import ast
from pathlib import Path

from dbt.tests import adapter

HERE = Path(__file__).parent

_DBT_DUCKDB = "it asks dbt-duckdb alone: no relation is written"
_ALTERS = "its hook alters the table that was just written by SQL: a Delta table takes no DDL"
_NO_MATERIALIZED_VIEW = "DuckDB has no materialized views"
_NO_GRANTS = "DuckDB has no users to grant anything to"
_NO_FUNCTIONS = "functions live in DuckDB's memory and are gone with the process"
_PROFILE = "its fixtures are a profile of PostgreSQL"

# Class (or module with a star) of the suite: why it is not run.
LISTED = {
    "aliases.BaseSameAliasDifferentDatabases": "a lake is one database",
    "basic.BaseGetCatalogForSingleRelation": "dbt-duckdb does not implement it",
    "caching.BaseCachingTest": "the base of the classes that are run",
    "catalog.CatalogRelationTypes": _NO_MATERIALIZED_VIEW,
    "column_types.BasePostgresColumnTypes": "its macros are PostgreSQL's SQL",
    "constraints.BaseConstraintsColumnsEqual": "the base of the classes that are run",
    "constraints.BaseContractSqlHeader": "the base of the classes that are run",
    "dbt_clone.*": "a clone copies a table in a warehouse: here it would be a view",
    "dbt_debug.*": _PROFILE,
    "empty.BaseTestEmptySeedFlag": "dbt-core 1.11 has no `dbt seed --empty`",
    "functions.*": _NO_FUNCTIONS,
    "grants.*": _NO_GRANTS,
    "hooks.BasePrePostModelHooksOnSeeds": _ALTERS,
    "hooks.BasePrePostModelHooksOnSeedsPlusPrefixed": _ALTERS,
    "hooks.BasePrePostModelHooksOnSeedsPlusPrefixedWhitespace": _ALTERS,
    "hooks.BasePrePostModelHooksOnSnapshots": _ALTERS,
    "hooks.BasePrePostSnapshotHooksInConfigKwargs": _ALTERS,
    "materialized_view.*": _NO_MATERIALIZED_VIEW,
    "python_model.BasePySparkTests": "DuckDB runs no Spark",
    "python_model.BasePythonMetaGetTests": "its models call Spark's createDataFrame",
    "simple_copy.BaseSimpleCopyUppercase": _PROFILE,
    "store_test_failures_tests.StoreTestFailuresBase": "the base of the classes that are run",
    "utils.*": _DBT_DUCKDB,
}


def suite_classes() -> set[str]:
    """Name every class of the suite that has tests, its own or a base's, by area."""
    root = Path(next(iter(adapter.__path__)))
    found: set[str] = set()
    with_tests: set[str] = set()
    for file in sorted(root.rglob("*.py")):
        area = file.relative_to(root).parts[0]
        for node in ast.parse(file.read_text("utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("Test"):
                continue
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            own = [n.name for n in node.body if isinstance(n, ast.FunctionDef)]
            if bases & with_tests or any(name.startswith("test") for name in own):
                with_tests.add(node.name)
                found.add(f"{area}.{node.name}")
    return found


def run_classes() -> set[str]:
    """Name every class of the suite that a class in this folder is made from."""
    names = set()
    for file in HERE.glob("test_*.py"):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                names |= {base.id for base in node.bases if isinstance(base, ast.Name)}
    return names


def test_every_class_is_run_or_listed() -> None:
    suite, run = suite_classes(), run_classes()
    ran = {name for name in suite if name.split(".")[1] in run}
    unknown = {
        name
        for name in suite - ran
        if name not in LISTED and f"{name.split('.')[0]}.*" not in LISTED
    }
    assert unknown == set()
    assert {name for name in LISTED if not name.endswith("*")} <= suite | {
        "caching.BaseCachingTest"
    }
    assert ran & set(LISTED) == set()
    print(f"{len(ran)} classes run, {len(suite - ran)} listed")
