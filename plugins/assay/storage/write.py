"""Writing a DuckDB relation to a Delta table: DuckDB writes the files, delta-rs commits them.

This costs what a plain ``COPY`` costs, in bounded memory, with full statistics. A process
killed at any instruction leaves the last version readable and at most orphan files.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

import duckdb
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, create_table_with_add_actions

from assay.errors import ConcurrentWrite, StorageError
from assay.storage.connection import quote_name, quote_text, scan
from assay.storage.delta_types import delta_schema, describe_type
from assay.storage.statistics import file_statistics
from assay.storage.tables import Guard, current_version, open_table, row_count

TABLE_PROPERTIES: Mapping[str, str] = {
    "delta.checkpointInterval": "25",
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}
_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
_FILE_SIZE = "128MB"


class WriteMode(StrEnum):
    """What happens to the rows that are there."""

    OVERWRITE = "overwrite"
    APPEND = "append"
    MERGE = "merge"


@dataclass(frozen=True)
class WriteRequest:
    """What to write where. ``relation`` is a DuckDB relation or a parenthesised query.

    ``base_version`` is the version to build on, for an append and a merge the newest; None
    writes a table from nothing, whatever is there. ``keys`` are needed for a merge, in which rows
    with equal keys replace one another. ``guard`` is called just before each commit and raises
    when this writer may not write.
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


@dataclass(frozen=True)
class WriteResult:
    """What was written: the new version, rows in it, rows written, and how."""

    version: int
    rows: int
    rows_written: int
    operation: str


def write_table(connection: duckdb.DuckDBPyConnection, request: WriteRequest) -> WriteResult:
    """Write a relation to a Delta table in one commit.

    An append of no rows commits nothing where the base is already the newest version.

    Raises:
        StorageError: a column's type does not fit Delta or the table, a merge's key is null
            or not unique in the new rows, or the files cannot be written.
        ConcurrentWrite: another writer committed first.
    """
    found = current_version(request.path)
    request = replace(request, guard=partial(_may_commit, request, found))
    schema = delta_schema(connection, request.relation, request.table)
    if request.base_version is None or request.mode is WriteMode.OVERWRITE:
        return _overwrite(connection, request, schema, request.relation, "overwrite")
    if found != request.base_version:
        raise _conflict(request, f"its newest version is {found}, not {request.base_version}")
    _require_same_columns(request, schema)
    if request.mode is WriteMode.MERGE:
        _require_keys(connection, request)
        return _merge(connection, request, schema)
    return _append(connection, request, schema)


def _may_commit(request: WriteRequest, found: int | None) -> None:
    """Ask the writer's own guard; then refuse where another has committed since the start."""
    request.guard()
    newest = current_version(request.path)
    if newest != found:
        raise _conflict(request, f"its newest version was {found} and is {newest}")


def _overwrite(
    connection: duckdb.DuckDBPyConnection,
    request: WriteRequest,
    schema: Schema,
    relation: str,
    operation: str,
) -> WriteResult:
    actions, rows = _copy(connection, relation, request.path, schema)
    _commit(request, schema, actions, "overwrite", operation)
    return WriteResult(open_table(request.path).version(), rows, rows, operation)


def _append(
    connection: duckdb.DuckDBPyConnection, request: WriteRequest, schema: Schema
) -> WriteResult:
    actions, rows = _copy(connection, request.relation, request.path, schema)
    if actions:
        _commit(request, schema, actions, "append", "append")
    version = open_table(request.path).version()
    return WriteResult(version, row_count(request.path, version), rows, "append")


def _merge(
    connection: duckdb.DuckDBPyConnection, request: WriteRequest, schema: Schema
) -> WriteResult:
    """Append where no key is there yet; merge or rewrite where some are, by how many."""
    there = scan(str(request.path), request.base_version or 0)
    keys = ", ".join(quote_name(key) for key in request.keys)
    matched = _single_count(
        connection,
        f"select count(*) from {there} semi join (from {request.relation}) using ({keys})",
    )
    if matched == 0:
        return _append(connection, request, schema)
    total = row_count(request.path, request.base_version or 0)
    if matched * 4 > total:
        kept = (
            f"(select * from {there} anti join (from {request.relation}) using ({keys})"
            f" union all by name from {request.relation})"
        )
        result = _overwrite(connection, request, schema, kept, "rewrite")
        written = _single_count(connection, f"select count(*) from {request.relation}")
        return WriteResult(result.version, result.rows, written, "rewrite")
    return _merge_rows(connection, request)


def _merge_rows(connection: duckdb.DuckDBPyConnection, request: WriteRequest) -> WriteResult:
    source = connection.execute(f"from {request.relation}").to_arrow_table()
    predicate = " and ".join(
        f"old.{quote_name(key)} = new.{quote_name(key)}" for key in request.keys
    )
    request.guard()
    try:
        merger = open_table(request.path).merge(
            source,
            predicate,
            source_alias="new",
            target_alias="old",
            streamed_exec=False,
            commit_properties=_properties(request, "merge"),
            post_commithook_properties=_HOOKS,
        )
        merger.when_matched_update_all().when_not_matched_insert_all().execute()
    except CommitFailedError as error:
        raise _conflict(request, error) from error
    except DeltaError as error:
        raise StorageError(f"{request.table} could not be merged: {error}") from error
    version = open_table(request.path).version()
    return WriteResult(version, row_count(request.path, version), source.num_rows, "merge")


def _copy(
    connection: duckdb.DuckDBPyConnection, relation: str, folder: Path, schema: Schema
) -> tuple[list[AddAction], int]:
    """Write the rows to new Parquet files in the table's folder; nobody sees them yet."""
    folder.mkdir(parents=True, exist_ok=True)
    written = connection.execute(
        f"copy (from {relation}) to {quote_text(str(folder))} (format parquet, return_stats,"
        f" filename_pattern 'part-{{uuid}}', file_size_bytes '{_FILE_SIZE}', append true)"
    ).fetchall()
    now_ms = int(time.time() * 1000)
    actions: list[AddAction] = []
    rows = 0
    for filename, count, size, _, columns, _ in written:
        if count == 0:
            Path(filename).unlink()
            continue
        rows += count
        statistics = file_statistics(count, columns, schema)
        actions.append(AddAction(Path(filename).name, size, {}, now_ms, True, statistics))
    return actions, rows


def _commit(
    request: WriteRequest, schema: Schema, actions: Sequence[AddAction], mode: str, operation: str
) -> None:
    request.guard()
    try:
        if mode == "overwrite":
            create_table_with_add_actions(
                str(request.path),
                schema,
                list(actions),
                mode="overwrite",
                description=request.description or None,
                configuration=TABLE_PROPERTIES,
                commit_properties=_properties(request, operation),
                post_commithook_properties=_HOOKS,
            )
        else:
            open_table(request.path).create_write_transaction(
                list(actions),
                mode="append",
                schema=schema,
                commit_properties=_properties(request, operation),
                post_commithook_properties=_HOOKS,
            )
    except CommitFailedError as error:
        raise _conflict(request, error) from error
    except DeltaError as error:
        raise StorageError(
            f"{request.table} could not be committed: {error}", where=str(request.path)
        ) from error


def _properties(request: WriteRequest, operation: str) -> CommitProperties:
    metadata = {**request.metadata, "assay.operation": operation}
    return CommitProperties(custom_metadata=metadata, max_commit_retries=0)


def _conflict(request: WriteRequest, error: Exception | str) -> ConcurrentWrite:
    return ConcurrentWrite(
        f"another writer committed to {request.table} first: {error}",
        where=str(request.path),
        todo="run the same task again: it starts from the newest release",
    )


def _require_same_columns(request: WriteRequest, schema: Schema) -> None:
    """Refuse rows whose columns differ from the table's: appends to the log check nothing."""
    table: DeltaTable = open_table(request.path, request.base_version)
    there = {f.name: describe_type(f.type) for f in table.schema().fields}
    new = {f.name: describe_type(f.type) for f in schema.fields}
    if there == new:
        return
    differences = [
        _difference(name, there.get(name), new.get(name))
        for name in sorted({*there, *new})
        if there.get(name) != new.get(name)
    ]
    raise StorageError(
        f"the columns of {request.table} have changed: {'; '.join(differences)}",
        todo="rebuild the table: run the product with `--full-refresh`",
    )


def _difference(name: str, there: str | None, new: str | None) -> str:
    if there is None:
        return f"{quote_name(name)} ({new}) is new"
    if new is None:
        return f"{quote_name(name)} ({there}) is gone"
    return f"{quote_name(name)} was {there} and is {new}"


def _require_keys(connection: duckdb.DuckDBPyConnection, request: WriteRequest) -> None:
    """Refuse null and repeated keys: a merge would insert them all."""
    if not request.keys:
        raise StorageError(
            f"{request.table} is to be merged but has no key",
            todo="set `unique_key` in the model's config",
        )
    keys = ", ".join(quote_name(key) for key in request.keys)
    null = " or ".join(f"{quote_name(key)} is null" for key in request.keys)
    empty = _single_count(connection, f"select count(*) from {request.relation} where {null}")
    repeated = _single_count(
        connection,
        f"select count(*) from (select 1 from {request.relation}"
        f" group by {keys} having count(*) > 1)",
    )
    if empty or repeated:
        raise StorageError(
            f"{request.table} cannot be merged: {empty} new rows lack a key"
            f" and {repeated} keys stand more than once, in {keys}",
            todo="keep one row a key in the model's SQL, and none without",
        )


def _single_count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
