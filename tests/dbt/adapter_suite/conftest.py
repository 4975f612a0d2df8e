"""dbt's own adapter tests against a plain lake of Delta tables.

Two things differ from a run against a database, and both are here:

* *A new process for each command.* dbt's in-memory DuckDB is forgotten before each `run_dbt`,
  so that what a later command sees is what the lake kept.
* *The shim* :func:`write_through_memory`. The suite's fixtures write straight into relations
  (`insert into seed …`), which no reader of a lake can. The shim lets such a statement run on a
  table in memory and writes the outcome to the Delta table.

Classes marked ``keeps_memory`` have hooks that write into a table of the fixtures' own: it
stays in memory, and so does the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.adapters.duckdb import DuckDBConnectionManager
from dbt.adapters.duckdb.impl import DuckDBAdapter
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from dbt.tests.fixtures.project import *  # noqa: F403
from dbt.tests.util import write_file

MACROS = Path(__file__).parents[3] / "dbt_project" / "macros" / "delta"

_WRITES = re.compile(
    r"(\s|--[^\n]*\n)*(?P<verb>insert\s+into|update|delete\s+from|alter\s+table|truncate(\s+table)?"
    r"|create\s+(or\s+replace\s+)?table(\s+if\s+not\s+exists)?|drop\s+(table|schema)(\s+if\s+exists)?)"
    r"\s+(?P<name>[\w\".]+)",
    re.IGNORECASE,
)


@pytest.fixture(scope="class")
def dbt_profile_target(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    lake = tmp_path_factory.mktemp("lake")
    plugin = {"module": "assay.dbt.plugin", "alias": "assay", "config": {"lake": str(lake)}}
    return {"type": "duckdb", "path": ":memory:", "threads": 4, "plugins": [plugin]}


@pytest.fixture(scope="class")
def profile_user() -> None:
    """DuckDB has no users."""


@pytest.fixture(scope="class")
def dbt_project_yml(project_root: str, project_config_update: Any) -> dict[str, Any]:
    config: dict[str, Any] = {
        "name": "test",
        "profile": "test",
        "flags": {"send_anonymous_usage_stats": False},
        "macro-paths": ["macros", str(MACROS)],
    }
    update = project_config_update
    config.update(yaml.safe_load(update) if isinstance(update, str) else update or {})
    config["macro-paths"] = [*dict.fromkeys([*config["macro-paths"], "macros", str(MACROS)])]
    write_file(yaml.safe_dump(config), project_root, "dbt_project.yml")
    return config


@pytest.fixture(scope="class", autouse=True)
def shims(request: pytest.FixtureRequest) -> Iterator[None]:
    keeps_memory = getattr(request.cls, "keeps_memory", False)
    invoke, run_sql = dbtRunner.invoke, DuckDBAdapter.run_sql_for_tests
    update_sql = DuckDBAdapter.update_column_sql

    def invoke_anew(self: dbtRunner, args: list[str], **kwargs: Any) -> Any:
        for adapter in FACTORY.adapters.values():
            adapter.cleanup_connections()
        DuckDBConnectionManager.close_all_connections()
        return invoke(self, args, **kwargs)

    def run_sql_for_tests(self: DuckDBAdapter, sql: str, fetch: str, conn: Any) -> Any:
        if keeps_memory:
            return run_sql(self, sql, fetch, conn)
        found: Any = None
        for statement in filter(str.strip, sql.split(";")) if _WRITES.match(sql) else [sql]:
            found = write_through_memory(self, statement, fetch, conn, run_sql)
        return found

    def update_column_sql(self: DuckDBAdapter, *args: Any, **kwargs: Any) -> str:
        conn = self.connections.get_thread_connection()
        run_sql_for_tests(self, update_sql(self, *args, **kwargs), "none", conn)
        return "select 1"

    with pytest.MonkeyPatch.context() as patch:
        if not keeps_memory:
            patch.setattr(dbtRunner, "invoke", invoke_anew)
        patch.setattr(DuckDBAdapter, "run_sql_for_tests", run_sql_for_tests)
        patch.setattr(DuckDBAdapter, "update_column_sql", update_column_sql)
        yield
    DuckDBConnectionManager.close_all_connections()


def write_through_memory(
    adapter: DuckDBAdapter, sql: str, fetch: str, conn: Any, run_sql: Any
) -> Any:
    """Run a fixture's statement; where it writes a table of the lake, write the lake."""
    written = _WRITES.match(sql)
    if written is None:
        return run_sql(adapter, sql, fetch, conn)
    parts = [part.strip('"') for part in written["name"].split(".")]
    schema, name = (parts if len(parts) > 1 else [adapter.config.credentials.schema, *parts])[-2:]
    target = f'"{schema}"."{name}"'
    verb = written["verb"].lower().split()
    plugin = DuckDBConnectionManager.env()._plugins["assay"]
    cursor = conn.handle.cursor()._cursor
    if verb[:2] == ["drop", "schema"]:
        plugin._plain.store(cursor, name, "any", {"mode": "drop_schema"})
        return None
    known = "select 1 from assay.delta_tables where schema_name = ? and table_name = ?"
    if cursor.execute(known, [schema, name]).fetchone():
        if verb[0] == "drop":
            plugin._plain.store(cursor, schema, name, {"mode": "drop"})
            return None
        cursor.execute(f"create or replace temp table shim_rows as from {target}")
        cursor.execute(f"drop view {target}")
        cursor.execute(f"create table {target} as from shim_rows")
    found = run_sql(adapter, sql, fetch, conn)
    if verb[0] != "drop":
        request = {
            "mode": "overwrite", "new_rows": target, "model": "fixture", "has_base": False,
            "invocation": cursor.execute("select uuid()::varchar").fetchone()[0],
            "rules": {"replaces_table": True},
        }  # fmt: skip
        plugin._plain.store(cursor, schema, name, request)
    return found
