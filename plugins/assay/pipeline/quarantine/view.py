"""A quarantine table as people see it: its rows, each with its state from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.domain import Layer, RowState, TableRef
from assay.pipeline.project import Project
from assay.quality.quarantine_ledger import LEDGER
from assay.storage import current_version, quote_text, scan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STATES = "assay.quarantine_states"


def create_states(connection: DuckDBPyConnection, project: Project) -> None:
    """Bring the last word on each quarantined row into a connection, as it is now."""
    connection.execute("create schema if not exists assay")
    connection.execute(
        f"create or replace table {_STATES}"
        " (table_name varchar, load_id varchar, row_number bigint, state varchar)"
    )
    path = project.lake / "_assay" / LEDGER
    version = current_version(path)
    if version is not None:
        connection.execute(
            f"insert into {_STATES}"
            " select concat(product, '__', \"table\"), load_id, row_number, arg_max(state, number)"
            f" from {scan(str(path), version)} group by all"
        )


def relation(project: Project, table: TableRef, version: int) -> str:
    """Write what to select from for a table: a quarantine's rows have their ``_state``.

    A quarantine needs :func:`create_states` first.
    """
    rows = scan(str(project.table_path(table)), version)
    if table.layer is not Layer.QUARANTINE:
        return rows
    return (
        f"(select quarantined.*, coalesce(states.state, '{RowState.OPEN.value}') as _state"
        f" from {rows} as quarantined left join {_STATES} as states"
        f" on states.table_name = {quote_text(table.name)}"
        " and states.load_id = quarantined._load_id"
        " and states.row_number = quarantined._row_number)"
    )
