"""The data files of a table's version: what the log knows of them, and reading some of them."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import RemoveAction

from assay.errors import StorageError
from assay.storage.connection import quote_name, quote_text, scan

_LOG = "assay_log_of_files"
_UNKNOWN_FEATURES = {"deletionVectors", "columnMapping", "rowTracking", "clustering"}


@dataclass(frozen=True)
class LiveFile:
    """One file of a table's version. ``path`` is relative to the table's folder, as on disk."""

    path: str
    size_bytes: int
    rows: int
    partition: tuple[tuple[str, str | None], ...]

    def removal(self) -> RemoveAction:
        """The action that takes this file out of the table's next version."""
        now_ms = int(time.time() * 1000)
        return RemoveAction(self.path, True, now_ms, self.size_bytes, dict(self.partition))


class LiveFiles:
    """The files of one version of a table."""

    def __init__(self, table: DeltaTable, folder: Path, name: str) -> None:
        refuse_unknown_features(table, name)
        self.folder = folder
        self.version = int(table.version())
        self.partition_by = tuple(table.metadata().partition_columns)
        self.columns = tuple(f.name for f in table.schema().fields)
        self.log = pa.table(table.get_add_actions(flatten=True))
        self.files = tuple(self._file(row) for row in self._texts().to_pylist())

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    def _texts(self) -> pa.Table:
        keys = ["path", "size_bytes", "num_records"]
        keys += [f"partition.{name}" for name in self.partition_by]
        table = self.log.select(keys)
        for name in self.partition_by:
            position = table.column_names.index(f"partition.{name}")
            values = table.column(position).cast(pa.string())
            table = table.set_column(position, f"partition.{name}", values)
        return table

    def _file(self, row: dict[str, object]) -> LiveFile:
        values = [(name, row[f"partition.{name}"]) for name in self.partition_by]
        return LiveFile(
            unquote(str(row["path"])),
            int(str(row["size_bytes"])),
            int(str(row["num_records"] or 0)),
            tuple((name, None if v is None else str(v)) for name, v in values),
        )

    def overlapping(
        self, connection: duckdb.DuckDBPyConnection, keys: Sequence[str], new: str
    ) -> tuple[LiveFile, ...]:
        """Return the files that may hold a key of the new rows, by the log's statistics."""
        conditions = []
        for key in keys:
            low, high = f'"min.{_inner(key)}"', f'"max.{_inner(key)}"'
            if key in self.partition_by:
                low = high = f'"partition.{_inner(key)}"'
            elif f"min.{key}" not in self.log.column_names:
                continue
            conditions.append(
                f"coalesce({low} <= (select max({quote_name(key)}) from {new})"
                f" and {high} >= (select min({quote_name(key)}) from {new}), true)"
            )
        return self._where(connection, " and ".join(conditions) or "true")

    def in_partitions_of(
        self, connection: duckdb.DuckDBPyConnection, new: str
    ) -> tuple[LiveFile, ...]:
        """Return the files of the partitions that the new rows fall into."""
        names = [(f'log."partition.{_inner(n)}"', quote_name(n)) for n in self.partition_by]
        same = " and ".join(f"{old} is not distinct from new.{own}" for old, own in names)
        return self._where(connection, f"exists (select 1 from {new} as new where {same})")

    def _where(self, connection: duckdb.DuckDBPyConnection, condition: str) -> tuple[LiveFile, ...]:
        connection.register(_LOG, self.log)
        try:
            found = connection.execute(
                f"select log.path from {_LOG} as log where {condition}"
            ).fetchall()
        finally:
            connection.unregister(_LOG)
        return self.named({unquote(path) for (path,) in found})

    def named(self, paths: Collection[str]) -> tuple[LiveFile, ...]:
        """Return the files with these paths, or with these names in their folders."""
        names = {path.rsplit("/", 1)[-1] for path in paths}
        return tuple(file for file in self.files if file.path.rsplit("/", 1)[-1] in names)

    def read(
        self, connection: duckdb.DuckDBPyConnection, files: Sequence[LiveFile], columns: str = "*"
    ) -> str:
        """Write the relation of some files' rows, with the column ``filename`` beside."""
        if not self.partition_by and files:
            names = ", ".join(quote_text(str(self.folder / file.path)) for file in files)
            direct = f"read_parquet([{names}], hive_partitioning = false, filename = true)"
            found = connection.execute(f"describe from {direct}").fetchall()
            if {row[0] for row in found} == {*self.columns, "filename"}:
                return f"(select {columns} from {direct})"
        whole = scan(str(self.folder), self.version)[:-1] + ", filename = true)"
        if len(files) == len(self.files):
            return f"(select {columns} from {whole})"
        chosen = ", ".join(quote_text(file.path.rsplit("/", 1)[-1]) for file in files) or "null"
        return f"(select {columns} from {whole} where parse_filename(filename) in ({chosen}))"


def refuse_unknown_features(table: DeltaTable, name: str) -> None:
    """Refuse to write a table that another writer gave features which this one cannot keep.

    Raises:
        StorageError: names the features.
    """
    protocol = table.protocol()
    features = {*(protocol.reader_features or ()), *(protocol.writer_features or ())}
    unknown = sorted(features & _UNKNOWN_FEATURES)
    if unknown:
        raise StorageError(
            f"{name} has features that are not written here: {', '.join(unknown)}",
            todo="write it with the engine that added them, or build it anew with --full-refresh",
        )


def _inner(name: str) -> str:
    return name.replace('"', '""')
