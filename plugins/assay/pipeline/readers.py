"""How readers come in: one release of every product, pinned for the whole query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from assay.domain import Layer, Release, TableRef
from assay.errors import ReleaseError
from assay.pipeline.manifest import base_release, run_manifest
from assay.pipeline.project import Project
from assay.storage import open_connection, quote_name, scan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_reader(
    project: Project, *, run_id: str = "", releases: Mapping[str, int] | None = None
) -> DuckDBPyConnection:
    """Open a DuckDB that shows released tables as ``layer.table``, all at one moment.

    With ``run_id`` the product of that run shows the run's candidates instead. ``releases``
    chooses earlier releases by product.

    Raises:
        ReleaseError: there is no release at all, or no such run or release.
    """
    current = project.releases.current_of_all()
    for product, number in (releases or {}).items():
        current[product] = project.releases.get(product, number)
    tables = _released_tables(current)
    if run_id:
        tables |= _candidate_tables(project, run_id)
    if not tables:
        raise ReleaseError(
            "nothing is released yet", todo="run a product first: `assay run <product>`"
        )
    connection = open_connection(project.settings.memory_limit, project.settings.threads)
    for layer in Layer:
        connection.execute(f"create schema {layer.value}")
    for table, version in tables.items():
        connection.execute(
            f"create view {layer_name(table)} as"
            f" from {scan(str(project.table_path(table)), version)}"
        )
    return connection


def run_sql(
    project: Project,
    query: str,
    *,
    run_id: str = "",
    releases: Mapping[str, int] | None = None,
) -> pa.Table:
    """Run one query on the current release and return its rows.

    Raises:
        ReleaseError: nothing is released, or the query cannot be run; says what to do.
    """
    with open_reader(project, run_id=run_id, releases=releases) as connection:
        try:
            return connection.execute(query).to_arrow_table()
        except duckdb.Error as error:
            raise ReleaseError(
                f"the query cannot be run: {_first_line(error)}",
                todo="`assay status` lists the tables; names are <layer>.<table>",
            ) from error


def read_table(project: Project, table: str, release: int | None = None) -> pa.Table:
    """Read one released table whole.

    Raises:
        ReleaseError: no release has this table.
        ValueError: the name is not ``layer.table``.
    """
    ref = TableRef.parse(table)
    owners = [r for r in project.releases.current_of_all().values() if str(ref) in r.tables]
    if not owners:
        raise ReleaseError(f"no release has a table {ref}", todo="`assay status` lists them")
    chosen = owners[0] if release is None else project.releases.get(owners[0].product, release)
    version = chosen.version_of(ref)
    if version is None:
        raise ReleaseError(f"release {chosen.number} of {chosen.product} has no table {ref}")
    with open_connection(project.settings.memory_limit, project.settings.threads) as connection:
        rows = scan(str(project.table_path(ref)), version)
        return connection.execute(f"from {rows}").to_arrow_table()


def layer_name(table: TableRef) -> str:
    """Write a table's name as an SQL identifier."""
    return f"{table.layer.value}.{quote_name(table.name)}"


def _released_tables(releases: Mapping[str, Release]) -> dict[TableRef, int]:
    return {
        TableRef.parse(table): version
        for release in releases.values()
        for table, version in release.tables.items()
    }


def _candidate_tables(project: Project, run_id: str) -> dict[TableRef, int]:
    run = project.records.get_run(run_id)
    base = base_release(project, run)
    models = project.dbt.models()
    return dict(run_manifest(project, run, models, base).tables)


def _first_line(error: Exception) -> str:
    return re.split(r"\n\s*\n", str(error).strip())[0]
