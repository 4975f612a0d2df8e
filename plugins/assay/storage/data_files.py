"""Writing rows to Parquet files that nobody sees until they are committed."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from deltalake import Schema
from deltalake.transaction import AddAction

from assay.domain import quote_name
from assay.errors import StorageError
from assay.storage.connection import quote_text
from assay.storage.statistics import file_statistics
from assay.storage.table_spec import TableSpec

_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
# Of one row group (122,880 rows) and column. DuckDB's own limit is 24,576; looking values up in
# a dictionary of half the room costs all columns less, and few have so many values in between.
_DICTIONARY_VALUES = 16_384
_OWN_FILE = re.compile(r"(?:.*/)?part-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.parquet")


@dataclass(frozen=True)
class DataFiles:
    """New files of a table, not committed yet."""

    folder: Path
    actions: tuple[AddAction, ...]

    @property
    def rows(self) -> int:
        return sum(int(json.loads(action.stats)["numRecords"]) for action in self.actions)

    def discard(self) -> None:
        """Remove the files: they will not be committed."""
        for action in self.actions:
            (self.folder / action.path).unlink(missing_ok=True)


def copy_rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    folder: Path,
    schema: Schema,
    spec: TableSpec,
    table: str,
) -> DataFiles:
    """Write the rows of a relation to new files in a table's folder.

    Raises:
        StorageError: a partition's value is a text that a partition cannot hold, or a row
            breaks a constraint; the files are gone again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = ", ".join(map(quote_name, spec.cluster_by))
    rows = f"from {relation}" + (f" order by {order}" if order else "")
    layout = f"file_size_bytes {quote_text(spec.file_size)}"
    if spec.partition_by:
        layout = f"partition_by ({', '.join(map(quote_name, spec.partition_by))})"
    written = connection.execute(
        f"copy ({rows}) to {quote_text(str(folder))} ({parquet_options(spec.codec)}, return_stats,"
        f" filename_pattern 'part-{{uuid}}', {layout}, append true)"
    ).fetchall()
    files = describe_files(written, folder, schema)
    try:
        _require_partition_values(files, table)
        require_constraints(connection, files, spec, table)
    except BaseException:
        files.discard()
        raise
    return files


def parquet_options(codec: str = TableSpec.codec) -> str:
    """Write the options of COPY with which every Parquet file is written here."""
    # By a Bloom filter DuckDB takes a row group of -0.0 for one without 0.0.
    return (
        f"format parquet, compression {quote_text(codec)}, write_bloom_filter false,"
        f" dictionary_size_limit {_DICTIONARY_VALUES}"
    )


def is_own_file(name: str) -> bool:
    """Tell from a data file's name whether it was written here: other engines choose others."""
    return _OWN_FILE.fullmatch(name) is not None


def link_files(files: DataFiles, folder: Path) -> DataFiles:
    """Give files a name in a table's folder too, where they are not committed yet.

    The bytes stay one file where the file system can link; else they are copied.
    """
    folder.mkdir(parents=True, exist_ok=True)
    linked = DataFiles(
        folder, tuple(replace(action, path=Path(action.path).name) for action in files.actions)
    )
    try:
        for source, target in zip(files.actions, linked.actions, strict=True):
            try:
                os.link(files.folder / source.path, folder / target.path)
            except OSError:
                shutil.copy2(files.folder / source.path, folder / target.path)
    except BaseException:
        linked.discard()
        raise
    return linked


def describe_files(written: list[tuple[object, ...]], folder: Path, schema: Schema) -> DataFiles:
    """Turn what COPY reports with RETURN_STATS into files of a table; empty ones are removed."""
    now_ms = int(time.time() * 1000)
    actions: list[AddAction] = []
    for name, rows, size, _, columns, partition in written:
        path = Path(str(name))
        if not rows:
            path.unlink()
            continue
        statistics = file_statistics(int(str(rows)), _mapping(columns), schema)
        values = {str(k): None if v is None else str(v) for k, v in _mapping(partition).items()}
        relative = str(path.relative_to(folder))
        actions.append(AddAction(relative, int(str(size)), values, now_ms, True, statistics))
    return DataFiles(folder, tuple(actions))


def _mapping(value: object) -> Mapping[str, Mapping[str, str]]:
    return value if isinstance(value, dict) else {}


def _require_partition_values(files: DataFiles, table: str) -> None:
    for action in files.actions:
        for column, value in action.partition_values.items():
            if value in ("", _HIVE_NULL):
                found = "an empty text" if value == "" else f"the text {_HIVE_NULL}"
                raise StorageError(
                    f"{table} is partitioned by {column}, which holds {found}:"
                    " readers would take it for NULL",
                    todo=f"write nullif({column}, '') in the model's SQL, or another text",
                )


def require_constraints(
    connection: duckdb.DuckDBPyConnection, files: DataFiles, spec: TableSpec, table: str
) -> None:
    """Look for rows that break a constraint, in one pass over what was written.

    A check that is unknown (NULL) is broken, as other writers of Delta have it.

    Raises:
        StorageError: names the constraints and how many rows break each.
    """
    if not files.actions:
        return
    rules = {f"{name} is not null": f"{quote_name(name)} is not null" for name in spec.not_null}
    rules |= {f"{name}: {sql}": f"({sql})" for name, sql in spec.checks.items()}
    if not rules:
        return
    counts = ", ".join(f"count(*) filter (where ({rule}) is not true)" for rule in rules.values())
    try:
        found = connection.execute(f"select {counts} from {written_rows(files)}").fetchone()
    except duckdb.Error as error:
        raise StorageError(
            f"the constraints of {table} cannot be checked: {error}",
            todo="correct the expression of the check constraint",
        ) from error
    broken = [
        f"{name} ({count} rows)" for name, count in zip(rules, found or (), strict=True) if count
    ]
    if broken:
        raise StorageError(
            f"rows of {table} break its constraints: {'; '.join(broken)}",
            todo="filter or repair the rows in the model's SQL, or change the constraint",
        )


def written_rows(files: DataFiles) -> str:
    """Write the relation of the rows in new files."""
    names = ", ".join(quote_text(str(files.folder / action.path)) for action in files.actions)
    partitions = list(files.actions[0].partition_values) if files.actions else []
    hive = "hive_partitioning = true" if partitions else "hive_partitioning = false"
    return f"read_parquet([{names}], {hive})"
