"""Joining the small files that many small writes leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from assay.domain import quote_name
from assay.storage.commit import commit_change
from assay.storage.connection import quote_text
from assay.storage.data_files import copy_rows
from assay.storage.live_files import LiveFile, LiveFiles
from assay.storage.table_spec import FILE_SIZE_PROPERTY, TableSpec, size_in_bytes
from assay.storage.tables import open_table
from assay.storage.write_request import WriteMode, WriteRequest

_MANY = 32
_SMALL_SHARE = 8


def small_files(live: LiveFiles, target_bytes: int, at_least: int = _MANY) -> tuple[LiveFile, ...]:
    """Choose the files below an eighth of the target size, where a partition has many of them."""
    found: dict[object, list[LiveFile]] = defaultdict(list)
    for file in live.files:
        if file.size_bytes * _SMALL_SHARE < target_bytes:
            found[file.partition].append(file)
    return tuple(file for files in found.values() if len(files) >= at_least for file in files)


def compact_table(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, *, is_dry_run: bool = False
) -> int:
    """Join a table's small files in one commit that changes no row; return how many there were.

    Raises:
        ConcurrentWrite: another writer committed meanwhile. Nothing was changed.
        StorageError: the table has features that are not written here.
    """
    table = open_table(path)
    live = LiveFiles(table, path, name)
    metadata = table.metadata()
    size = int(metadata.configuration.get(FILE_SIZE_PROPERTY) or size_in_bytes(TableSpec.file_size))
    small = small_files(live, size, at_least=2)
    if not small or is_dry_run:
        return len(small)
    spec = TableSpec(
        partition_by=live.partition_by, file_size=f"{size}B", codec=_codec(connection, path, small)
    )
    rows = (
        f"(select {', '.join(map(quote_name, live.columns))} from {live.read(connection, small)})"
    )
    request = WriteRequest(
        path, name, rows, WriteMode.APPEND, live.version, lambda: None, spec=spec
    )
    files = copy_rows(connection, rows, path, table.schema(), spec, name)
    kept = tuple(replace(action, data_change=False) for action in files.actions)
    commit_change(
        request,
        table,
        table.schema(),
        replace(files, actions=kept),
        small,
        "compact",
        is_data_change=False,
    )
    return len(small)


def _codec(connection: duckdb.DuckDBPyConnection, path: Path, files: Sequence[LiveFile]) -> str:
    """Find how the largest of some files is compressed."""
    largest = max(files, key=lambda file: file.size_bytes)
    name = quote_text(str(path / largest.path))
    found = connection.execute(f"select compression from parquet_metadata({name}) limit 1")
    row = found.fetchone()
    return str(row[0]).lower() if row else TableSpec.codec
