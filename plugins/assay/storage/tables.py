"""Reading what is there: versions, counts, columns; and going back to an earlier version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from assay.domain import TableRef
from assay.errors import ConcurrentWrite, StorageError

Guard = Callable[[], None]

DRAFT_PREFIX = "_draft-"


def table_path(lake: Path, table: TableRef) -> Path:
    """Say where a table of a lake lives. Private: readers come in through releases."""
    return lake / "tables" / table.layer.value / table.name


def open_table(path: Path, version: int | None = None) -> DeltaTable:
    """Open a Delta table, at its newest version unless one is given.

    Raises:
        StorageError: there is no table, or it has no such version.
    """
    try:
        return DeltaTable(str(path), version=version)
    except (DeltaError, TableNotFoundError, OSError) as error:
        at = "" if version is None else f" at version {version}"
        raise StorageError(
            f"the Delta table {path.name}{at} cannot be opened: {error}",
            where=str(path),
            todo="check that the lake's folder is whole; `assay status` lists its tables",
        ) from error


def current_version(path: Path) -> int | None:
    """Return a table's newest version, or None where there is no table."""
    if not (path / "_delta_log").is_dir() or not DeltaTable.is_deltatable(str(path)):
        return None
    return int(open_table(path).version())


def file_actions(table: DeltaTable) -> pa.Table:
    """List the data files of a table's version as its log describes them, a row a file."""
    # `pa.table` would look for a pandas frame, and so import pandas: 0.2 CPU seconds.
    return pa.RecordBatchReader.from_stream(table.get_add_actions(flatten=True)).read_all()


def require_data_files(path: Path, version: int) -> None:
    """Make sure that the data files of a table's version are there, each in full.

    Raises:
        StorageError: the version cannot be opened, or a file is gone or has another size.
    """
    actions = file_actions(open_table(path, version)).select(["path", "size_bytes"]).to_pylist()
    files = {path / unquote(str(each["path"])): each["size_bytes"] for each in actions}
    broken = [file for file, size in files.items() if not _is_there(file, size)]
    if broken:
        raise StorageError(
            f"{len(broken)} of {len(files)} data files of the Delta table {path.name} at version"
            f" {version} are gone or not as long as they were",
            where=str(broken[0]),
            todo="put them back from a backup",
        )


def _is_there(file: Path, size_bytes: int) -> bool:
    return file.is_file() and file.stat().st_size == size_bytes


def row_count(path: Path, version: int) -> int:
    """Count a table's rows at a version from the statistics in its log."""
    actions = file_actions(open_table(path, version))
    counts = actions.column("num_records").to_pylist() if actions.num_rows else []
    return int(sum(counts))


def column_types(path: Path, version: int) -> list[tuple[str, str]]:
    """List a table's columns at a version as (name, Delta type)."""
    fields = open_table(path, version).schema().fields
    return [(field.name, str(getattr(field.type, "type", field.type))) for field in fields]


@dataclass(frozen=True)
class TableDescription:
    """What a table's metadata says to people: of itself, and of its columns by name."""

    description: str
    comments: Mapping[str, str]


def describe_table(path: Path, version: int) -> TableDescription:
    """Read a table's description and the comments of its columns at a version."""
    table = open_table(path, version)
    comments = {f.name: str(f.metadata.get("comment", "")) for f in table.schema().fields}
    return TableDescription(
        table.metadata().description or "", {name: text for name, text in comments.items() if text}
    )


def size_bytes(path: Path, version: int) -> int:
    """Sum the sizes of a table's data files at a version."""
    actions = file_actions(open_table(path, version))
    return int(sum(actions.column("size_bytes").to_pylist())) if actions.num_rows else 0


def restore(path: Path, version: int, guard: Guard) -> int:
    """Make the newest version equal to an earlier one; return the newest version's number.

    Does nothing where the two are the same version. ``guard`` is called before the commit
    and raises when this writer may no longer write.

    Raises:
        ConcurrentWrite: another writer committed first.
        StorageError: the version is not there any more.
    """
    table = open_table(path)
    if table.version() == version:
        return version
    guard()
    try:
        table.restore(
            version,
            protocol_downgrade_allowed=True,
            commit_properties=CommitProperties(custom_metadata={"assay.operation": "restore"}),
        )
    except CommitFailedError as error:
        raise ConcurrentWrite(
            f"another writer committed to {path.name} first: {error}",
            where=str(path),
            todo="run the same task again: it starts from the newest release",
        ) from error
    except DeltaError as error:
        raise StorageError(
            f"{path.name} cannot go back to version {version}: {error}",
            where=str(path),
            todo="the files of that version are gone: run the product with `--full-refresh`",
        ) from error
    return int(table.version())
