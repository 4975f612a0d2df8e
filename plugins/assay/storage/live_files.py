"""The data files of a table's version: what the log knows of them, and reading some of them."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import RemoveAction

from assay.domain import quote_name
from assay.errors import StorageError
from assay.storage.connection import quote_text, scan
from assay.storage.tables import file_actions

_UNKNOWN_FEATURES = {"deletionVectors", "columnMapping", "rowTracking", "clustering"}


@dataclass(frozen=True)
class LiveFile:
    """One file of a table's version. ``path`` is relative to the table's folder, as on disk."""

    path: str
    size_bytes: int
    rows: int
    partition: tuple[tuple[str, str | None], ...]

    def removal(self, is_data_change: bool = True) -> RemoveAction:
        """The action that takes this file out of the table's next version."""
        now_ms = int(time.time() * 1000)
        return RemoveAction(
            self.path, is_data_change, now_ms, self.size_bytes, dict(self.partition)
        )


class LiveFiles:
    """The files of one version of a table."""

    def __init__(self, table: DeltaTable, folder: Path, name: str) -> None:
        refuse_unknown_features(table, name)
        self.folder = folder
        self.version = int(table.version())
        self.partition_by = tuple(table.metadata().partition_columns)
        self.columns = tuple(f.name for f in table.schema().fields)
        self.log = file_actions(table)
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
        ranges = {key: found for key in keys if (found := self._ranges(key))}
        if not ranges:
            return self.files
        sides = ", ".join(f"min({name}), max({name})" for name in map(quote_name, ranges))
        bounds = connection.execute(f"select {sides} from {new}").fetchone() or ()
        may = [True] * len(self.files)
        for position, found in enumerate(ranges.values()):
            first, last = bounds[2 * position : 2 * position + 2]
            may = [
                each and _overlap(low, high, first, last)
                for each, (low, high) in zip(may, found, strict=True)
            ]
        return tuple(file for file, each in zip(self.files, may, strict=True) if each)

    def _ranges(self, key: str) -> list[tuple[object, object]]:
        """List the lowest and highest value of a column in each file; empty if none is known."""
        names = (
            [f"partition.{key}"] * 2 if key in self.partition_by else [f"min.{key}", f"max.{key}"]
        )
        if not set(names) <= set(self.log.column_names):
            return []
        low, high = (self.log.column(name).to_pylist() for name in names)
        return list(zip(low, high, strict=True))

    def in_partitions_of(
        self, connection: duckdb.DuckDBPyConnection, new: str
    ) -> tuple[LiveFile, ...]:
        """Return the files of the partitions that the new rows fall into."""
        names = ", ".join(map(quote_name, self.partition_by))
        wanted = set(connection.execute(f"select distinct {names} from {new}").fetchall())
        columns = [self.log.column(f"partition.{n}").to_pylist() for n in self.partition_by]
        own = zip(self.files, zip(*columns, strict=True), strict=True)
        return tuple(file for file, values in own if values in wanted)

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
            found = {row[0] for row in connection.execute(f"describe from {direct}").fetchall()}
            if found >= {*self.columns, "filename"}:
                own = ", ".join(map(quote_name, [*self.columns, "filename"]))
                return f"(select {columns} from (select {own} from {direct}))"
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


def _overlap(low: Any, high: Any, first: Any, last: Any) -> bool:
    """Tell whether two ranges may overlap: where a bound is not known, they may."""
    if any(bound is None for bound in (low, high, first, last)):
        return True
    if isinstance(high, datetime):
        # Writers cut bounds to milliseconds, downwards.
        high += timedelta(milliseconds=1)
    try:
        return bool(low <= last and high >= first)
    except TypeError:
        return True
