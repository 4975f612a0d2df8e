"""Rows that are written once: to files that a table can take in as they are.

A step's rows go to Parquet files in a folder of their own, rows with a flag apart from the
others. Once it is known which rows the table shall not have, files without one of them become
data files of the table; only the rows of the others are written again.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from deltalake import Schema

from assay.domain import quote_name
from assay.storage.connection import quote_text
from assay.storage.data_files import (
    DataFiles,
    describe_files,
    parquet_options,
    written_rows,
)
from assay.storage.delta_types import delta_schema, describe_type
from assay.storage.table_spec import TableSpec

_PART = "_assay_part"
_FLAGGED = "-1"


@dataclass(frozen=True)
class ReadyFiles:
    """Files, not of any table yet, whose rows are part of what a table shall hold.

    ``schema`` has the columns that the table shall have; of others it takes no notice.
    """

    files: DataFiles
    schema: Schema

    @property
    def relation(self) -> str:
        """The relation of the rows in the files: there is at least one."""
        names = ", ".join(quote_name(field.name) for field in self.schema.fields)
        return f"(select {names} from {written_rows(self.files)})"

    def fit(self, schema: Schema, spec: TableSpec) -> bool:
        """Tell whether a table of these columns and this layout could have written the files."""
        is_plain = not (spec.partition_by or spec.cluster_by) and spec.codec == TableSpec.codec
        return is_plain and _types(self.schema) == _types(schema)


@dataclass(frozen=True)
class StagedRows:
    """The rows of a step. ``empty`` is a file with their columns and without a row."""

    flag: str
    plain: ReadyFiles
    flagged: DataFiles
    empty: Path

    def relation(self, without: ReadyFiles | None = None) -> str:
        """Write the relation of the rows with their flag, those of some files left out."""
        left_out = {action.path for action in without.files.actions} if without else set()
        plain = [p for p in _paths(self.plain.files) if p not in left_out]
        branches = ((plain, "false"), (_paths(self.flagged), "true"))
        return " union all ".join(
            f"select *, {value} as {quote_name(self.flag)} from {self._read(paths)}"
            for paths, value in branches
        )

    def files_without(
        self, connection: duckdb.DuckDBPyConnection, relation: str, keys: Sequence[str]
    ) -> ReadyFiles:
        """Return the plain files in which no row stands that a relation names by its keys."""
        names = ", ".join(map(quote_name, keys))
        # Flagged rows are in none of them: mostly that leaves nothing to look for.
        named = (
            f"(select {names} from {relation}"
            f" anti join {self._read(_paths(self.flagged))} using ({names}))"
        )
        if connection.execute(f"select 1 from {named} limit 1").fetchone() is None:
            return self.plain
        found = connection.execute(
            f"select distinct filename from {self._read(_paths(self.plain.files), 'filename')}"
            f" semi join {named} using ({names})"
        ).fetchall()
        touched = {str(path) for (path,) in found}
        files = self.plain.files
        kept = tuple(a for a in files.actions if str(files.folder / a.path) not in touched)
        return replace(self.plain, files=replace(files, actions=kept))

    def _read(self, paths: Sequence[str], *options: str) -> str:
        names = ", ".join(
            quote_text(str(self.plain.files.folder / path)) for path in [self.empty.name, *paths]
        )
        more = "".join(f", {option} = true" for option in options)
        return f"read_parquet([{names}], hive_partitioning = false{more})"


def stage_rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    folder: Path,
    flag: str,
    chunk: str,
    beside: Collection[str] = (),
) -> StagedRows:
    """Write the rows of a relation to files in a folder, which is emptied first.

    ``flag`` names a boolean column, which is not written. Rows without the flag go to a file
    for each value of ``chunk``, an SQL expression of whole numbers from 0. Columns ``beside``
    are NULL in them: they speak of flagged rows, and no table has them.

    Raises:
        StorageError: a column has a type that a Delta table cannot hold.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    empty = folder / "empty.parquet"
    columns = [c for c in connection.sql(f"select * from {relation} limit 0").columns if c != flag]
    names = ", ".join(map(quote_name, columns))
    own = ", ".join(quote_name(column) for column in columns if column not in beside)
    schema = delta_schema(connection, f"(select {own} from {relation})", folder.name)
    connection.execute(
        f"copy (select {names} from {relation} limit 0) to {quote_text(str(empty))}"
        f" ({parquet_options()})"
    )
    part = f"case when {quote_name(flag)} then {_FLAGGED} else {chunk} end as {_PART}"
    written = connection.execute(
        f"copy (select {names}, {part} from {relation}) to {quote_text(str(folder))}"
        f" ({parquet_options()}, return_stats,"
        f" filename_pattern 'part-{{uuid}}', partition_by ({_PART}), append true)"
    ).fetchall()
    files = describe_files(written, folder, schema)
    return StagedRows(
        flag,
        ReadyFiles(_of_part(files, is_flagged=False), schema),
        _of_part(files, is_flagged=True),
        empty,
    )


def _of_part(files: DataFiles, *, is_flagged: bool) -> DataFiles:
    """Choose the files of flagged rows, or the others: as files of a table without partitions."""
    own = tuple(
        replace(action, partition_values={})
        for action in files.actions
        if (action.partition_values[_PART] == _FLAGGED) is is_flagged
    )
    return replace(files, actions=own)


def _types(schema: Schema) -> dict[str, str]:
    return {field.name: describe_type(field.type) for field in schema.fields}


def _paths(files: DataFiles) -> list[str]:
    return [action.path for action in files.actions]
