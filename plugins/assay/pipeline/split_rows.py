"""The step in which rows part: those that broke a rule, and those that silver may take in.

The step writes each row once. Its files without exceptions become data files of the silver
table; so a row that nothing is wrong with is not written a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.domain import BoundLoad, LakeBinding, quote_name
from assay.storage import ReadyFiles, StagedRows, quote_text, stage_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROWS_A_FILE = 4_000_000
_LANDED_ROW = ("_load_id", "_row_number")


def split_path(scratch: Path, name: str) -> Path:
    """The folder of a step's files."""
    return scratch / name


def split_rows(
    connection: DuckDBPyConnection, binding: LakeBinding, name: str, request: Mapping[str, Any]
) -> StagedRows:
    """Write the rows of a step, those where ``_is_broken`` is true apart from the others.

    Raises:
        StorageError: a column has a type that a Delta table cannot hold.
    """
    entity = str(request["rules"]["entity"])
    loads = [
        load
        for each in binding.entities
        if f"{each.product}.{each.table}" == entity
        for load in each.loads
        if load.is_for_silver
    ]
    return stage_rows(
        connection,
        str(request["new_rows"]),
        split_path(Path(binding.scratch), name),
        "_is_broken",
        _chunk(loads),
        beside=("_unreadable",),
    )


@contextmanager
def files_to_take(
    connection: DuckDBPyConnection, staged: StagedRows, schema: str, takes: Mapping[str, str]
) -> Iterator[ReadyFiles]:
    """Find the files of a step that a table takes in as they are.

    Meanwhile the step's view has the rows of its other files only: what the model's query
    gives is what is left to write.
    """
    view, exceptions = (
        f"{quote_name(schema)}.{quote_name(takes[each])}" for each in ("rows", "without")
    )
    ready = staged.files_without(connection, exceptions, _LANDED_ROW)
    connection.execute(f"create or replace view {view} as {staged.relation(without=ready)}")
    try:
        yield ready
    finally:
        connection.execute(f"create or replace view {view} as {staged.relation()}")


def _chunk(loads: Sequence[BoundLoad]) -> str:
    """Number the files: loads in their order as far as a file takes them, large ones in parts."""
    begins, rows = [], 0
    for load in sorted(loads, key=lambda each: each.load_id):
        if rows and rows + load.row_count > _ROWS_A_FILE:
            begins.append(load.load_id)
            rows = 0
        rows += load.row_count
    groups = " + ".join(["0", *(f"(_load_id >= {quote_text(each)})::integer" for each in begins)])
    return f"({groups}) * 100000 + (_row_number - 1) // {_ROWS_A_FILE}"
