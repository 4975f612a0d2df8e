"""What to write to a Delta table, and what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from assay.errors import ConcurrentWrite
from assay.storage.merge import MergeRules
from assay.storage.schema_change import SchemaChange
from assay.storage.staged_rows import ReadyFiles
from assay.storage.table_spec import TableSpec
from assay.storage.tables import Guard, current_version

UNCHECKED = -1


class WriteMode(StrEnum):
    """What happens to the rows that are there.

    ``replace_partitions`` replaces those of the partitions that the new rows fall into,
    ``replace_where`` those for which the request's predicate is true.
    """

    OVERWRITE = "overwrite"
    APPEND = "append"
    MERGE = "merge"
    REPLACE_PARTITIONS = "replace_partitions"
    REPLACE_WHERE = "replace_where"


@dataclass(frozen=True)
class WriteRequest:
    """What to write where. ``relation`` is a DuckDB relation or a parenthesised query.

    ``base_version`` is the version to build on, for all but an overwrite the newest; None
    writes a table from nothing, whatever is there. ``keys`` are needed for a merge, in which
    rows with equal keys replace one another as ``merge`` says. ``guard`` is called just before
    each commit and raises when this writer may not write. ``transaction`` names this write: a
    table that holds a write of that name is left as it is. Where the table ``is_shared``,
    others may write it meanwhile: what does not depend on their rows (an append, an overwrite)
    is committed after theirs; anything else conflicts. ``ready`` files hold rows that
    belong to the write besides those of ``relation``, and are taken in as they are where the
    table could have written them so. ``expected_version`` is set by the writer.
    """

    path: Path
    table: str
    relation: str
    mode: WriteMode
    base_version: int | None
    guard: Guard
    keys: tuple[str, ...] = ()
    description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    spec: TableSpec = field(default_factory=TableSpec)
    merge: MergeRules = field(default_factory=MergeRules)
    replace_where: str = ""
    schema_change: SchemaChange = SchemaChange.STRICT
    transaction: str = ""
    is_shared: bool = False
    ready: ReadyFiles | None = None
    expected_version: int | None = UNCHECKED

    def require_right(self) -> None:
        """Ask the writer's guard; then refuse where another has committed since the start.

        Raises:
            ConcurrentWrite: the newest version is not the expected one.
        """
        self.guard()
        if self.is_shared or self.expected_version == UNCHECKED:
            return
        newest = current_version(self.path)
        if newest != self.expected_version:
            raise self.conflict(f"its newest version was {self.expected_version} and is {newest}")

    def conflict(self, error: Exception | str) -> ConcurrentWrite:
        """The error that another writer was first."""
        return ConcurrentWrite(
            f"another writer committed to {self.table} first: {error}",
            where=str(self.path),
            todo="run the same task again: it starts from the newest release",
        )


@dataclass(frozen=True)
class WriteResult:
    """What was written: the new version, rows in it, rows written, how, and why so."""

    version: int
    rows: int
    rows_written: int
    operation: str
    reason: str = field(default="", compare=False)
