"""Writing a DuckDB relation to a Delta table: DuckDB writes the files, delta-rs commits them.

This costs what a plain ``COPY`` costs, in bounded memory, with full statistics. A process
killed at any instruction leaves the last version readable and at most orphan files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import duckdb
from deltalake import DeltaTable, Schema

from assay.domain import quote_name
from assay.errors import StorageError
from assay.storage.commit import (
    commit_change,
    commit_replacement,
    is_committed,
    sync_metadata,
)
from assay.storage.compaction import small_files
from assay.storage.connection import scan
from assay.storage.data_files import (
    DataFiles,
    copy_rows,
    link_files,
    require_constraints,
)
from assay.storage.delta_types import delta_schema
from assay.storage.live_files import LiveFile, LiveFiles
from assay.storage.merge import merged_rows, plan_merge
from assay.storage.schema_change import FittedRows, SchemaChange, fit_rows
from assay.storage.table_spec import (
    CHECK_PREFIX,
    CONSTRAINT_PREFIX,
    TableSpec,
    check_spec,
    size_in_bytes,
)
from assay.storage.tables import current_version, open_table, row_count
from assay.storage.write_request import WriteMode, WriteRequest, WriteResult

_READ_ONCE = {WriteMode.OVERWRITE, WriteMode.APPEND}


def write_table(connection: duckdb.DuckDBPyConnection, request: WriteRequest) -> WriteResult:
    """Write a relation to a Delta table in one commit.

    An append of no rows commits nothing where the base is already the newest version.

    Raises:
        StorageError: a column's type does not fit Delta or the table, a row breaks a
            constraint, a merge's key is null or not unique in the new rows, or the files
            cannot be written. Nothing was committed.
        ConcurrentWrite: another writer committed first.
    """
    found = current_version(request.path)
    if found is not None and is_committed(open_table(request.path), request):
        rows = row_count(request.path, found)
        return WriteResult(found, rows, 0, "none", "this very write was committed before")
    guarded = replace(request, expected_version=found)
    if request.base_version is None or request.mode is WriteMode.OVERWRITE:
        schema = delta_schema(connection, request.relation, request.table)
        return _replace_all(connection, guarded, schema, "overwrite", is_free=request.is_shared)
    if found != request.base_version and not request.is_shared:
        raise request.conflict(f"its newest version is {found}, not {request.base_version}")
    table = sync_metadata(guarded, open_table(request.path))
    guarded = replace(request, expected_version=table.version())
    with _read_many_times(connection, guarded) as relation:
        return _build_on(connection, table, replace(guarded, relation=relation))


@contextmanager
def _read_many_times(connection: duckdb.DuckDBPyConnection, request: WriteRequest) -> Iterator[str]:
    """Compute rows that are looked at more than once only once."""
    if request.mode in _READ_ONCE:
        yield request.relation
        return
    delta_schema(connection, request.relation, request.table)
    name = f"assay_new_{uuid4().hex[:12]}"
    connection.execute(f"create temp table {name} as select * from {request.relation}")
    try:
        yield name
    finally:
        connection.execute(f"drop table if exists {name}")


def _replace_all(
    connection: duckdb.DuckDBPyConnection,
    request: WriteRequest,
    schema: Schema,
    operation: str,
    *,
    is_free: bool,
) -> WriteResult:
    check_spec(request.spec, schema, request.table)
    files = _write_files(connection, _with_fitting_files(request, schema), schema)
    commit_replacement(request, schema, files, operation, is_free=is_free)
    version = open_table(request.path).version()
    return WriteResult(version, files.rows, files.rows, operation, "all rows are replaced")


def _build_on(
    connection: duckdb.DuckDBPyConnection, table: DeltaTable, request: WriteRequest
) -> WriteResult:
    """Write on top of rows that are there."""
    request = replace(request, spec=_spec_of(table, request.spec))
    request = _with_fitting_files(request, table.schema())
    fitted = fit_rows(
        connection,
        table,
        request.path,
        request.relation,
        delta_schema(connection, _without_control(connection, request), request.table),
        request.table,
        request.schema_change,
        request.merge.control_columns,
    )
    request = replace(request, relation=fitted.relation)
    if request.mode is WriteMode.MERGE:
        _require_keys(connection, request)
    if fitted.old:
        return _rebuild(connection, request, table, fitted)
    check_spec(request.spec, fitted.schema, request.table)
    if request.mode is WriteMode.APPEND:
        return _change(connection, request, table, fitted.schema, "append")
    live = LiveFiles(table, request.path, request.table)
    if request.mode is WriteMode.MERGE:
        return _merge(connection, request, table, live, fitted.schema)
    return _replace_some(connection, request, table, live, fitted.schema)


def _without_control(connection: duckdb.DuckDBPyConnection, request: WriteRequest) -> str:
    control = set(request.merge.control_columns)
    columns = connection.sql(f"select * from {request.relation} limit 0").columns
    names = ", ".join(quote_name(name) for name in columns if name not in control)
    return f"(select {names} from {request.relation})" if control else request.relation


def _merge(
    connection: duckdb.DuckDBPyConnection,
    request: WriteRequest,
    table: DeltaTable,
    live: LiveFiles,
    schema: Schema,
) -> WriteResult:
    """Append where no key is there yet; else replace the files that hold one, or all."""
    new, rules, rows = _new_rows(request), request.merge, request.relation
    plan = plan_merge(connection, live, new, request.keys, rules)
    if plan.touched or not rules.replaces_whole_rows:
        old = live.read(connection, plan.touched)
        rows = merged_rows(old, new, live.columns, request.keys, rules, added=rows)
    result = _change(
        connection, replace(request, relation=rows), table, schema, plan.method, plan.touched
    )
    return replace(result, rows_written=_count(connection, new), reason=plan.reason)


def _replace_some(
    connection: duckdb.DuckDBPyConnection,
    request: WriteRequest,
    table: DeltaTable,
    live: LiveFiles,
    schema: Schema,
) -> WriteResult:
    """Replace whole partitions without reading them, or the rows that a predicate means."""
    new, names = request.relation, ", ".join(map(quote_name, live.columns))
    if request.mode is WriteMode.REPLACE_PARTITIONS:
        _require_partitions(request)
        touched = live.in_partitions_of(connection, new)
        rows = f"(select {names} from {new})"
        why = f"{len(touched)} of {len(live.files)} files are in the new rows' partitions"
    else:
        found = connection.execute(
            f"select distinct filename from {live.read(connection, live.files)}"
            f" where ({request.replace_where})"
        ).fetchall()
        touched = live.named([name for (name,) in found])
        kept = f"select {names} from {live.read(connection, touched)}"
        rows = f"({kept} where ({request.replace_where}) is not true union all"
        rows += f" select {names} from {new})"
        why = f"{len(touched)} of {len(live.files)} files hold rows to replace"
    changed = replace(request, relation=rows)
    result = _change(connection, changed, table, schema, request.mode.value, touched)
    return replace(result, rows_written=_count(connection, new), reason=why)


def _change(
    connection: duckdb.DuckDBPyConnection,
    request: WriteRequest,
    table: DeltaTable,
    schema: Schema,
    operation: str,
    removed: Sequence[LiveFile] = (),
) -> WriteResult:
    """Write the rows to new files and commit them in the place of the removed ones."""
    reason, joined = "the new rows are added", 0
    if operation == "append" and not (removed or request.is_shared):
        request, removed = _with_small_files(connection, request, table)
        joined = sum(file.rows for file in removed)
        reason += f", {len(removed)} small files joined with them" if removed else ""
    files = _write_files(connection, request, schema)
    if files.actions or removed:
        commit_change(request, table, schema, files, removed, operation)
    version = open_table(request.path).version()
    rows = row_count(request.path, version)
    return WriteResult(version, rows, files.rows - joined, operation, reason)


def _write_files(
    connection: duckdb.DuckDBPyConnection, request: WriteRequest, schema: Schema
) -> DataFiles:
    """Write the rows to new files, and take in those that are ready. Nothing is committed."""
    relation, path, spec, name = request.relation, request.path, request.spec, request.table
    files = copy_rows(connection, relation, path, schema, spec, name)
    if request.ready is None:
        return files
    try:
        taken = link_files(request.ready.files, path)
        files = replace(files, actions=(*files.actions, *taken.actions))
        require_constraints(connection, taken, spec, name)
    except BaseException:
        files.discard()
        raise
    return files


def _with_fitting_files(request: WriteRequest, schema: Schema) -> WriteRequest:
    """Have the rows of ready files written again where the table cannot take the files in."""
    ready = request.ready
    if ready is None or (
        ready.fit(schema, request.spec)
        and request.merge.replaces_whole_rows
        and request.schema_change is SchemaChange.STRICT
    ):
        return request
    return replace(request, relation=_new_rows(request), ready=None)


def _new_rows(request: WriteRequest) -> str:
    """Write the relation of all rows of a request, those in ready files included."""
    if request.ready is None or not request.ready.files.actions:
        return request.relation
    return f"(from {request.relation} union all by name from {request.ready.relation})"


def _with_small_files(
    connection: duckdb.DuckDBPyConnection, request: WriteRequest, table: DeltaTable
) -> tuple[WriteRequest, Sequence[LiveFile]]:
    """Take the rows of a table's small files into an append, once they are many.

    So a table that grows by small loads is kept compact by the very versions that are audited
    and released. Where others write the table too, an append does not touch their files.
    """
    live = LiveFiles(table, request.path, request.table)
    small = small_files(live, size_in_bytes(request.spec.file_size))
    if not small:
        return request, ()
    names = ", ".join(map(quote_name, live.columns))
    rows = f"(select {names} from {live.read(connection, small)}"
    rows += f" union all select {names} from {request.relation})"
    return replace(request, relation=rows), small


def _rebuild(
    connection: duckdb.DuckDBPyConnection,
    request: WriteRequest,
    table: DeltaTable,
    fitted: FittedRows,
) -> WriteResult:
    """Write the table anew with other columns: its rows and the new ones, in one commit."""
    new, names = fitted.relation, [field.name for field in fitted.schema.fields]
    old = f"(select {fitted.old} from {scan(str(request.path), table.version())})"
    columns = ", ".join(map(quote_name, names))
    if request.mode is WriteMode.MERGE:
        rows = merged_rows(old, new, names, request.keys, request.merge)
    else:
        kept = f"select {columns} from {old} as old"
        if request.mode is WriteMode.REPLACE_PARTITIONS:
            _require_partitions(request)
            own = [quote_name(name) for name in request.spec.partition_by]
            same = " and ".join(f"old.{n} is not distinct from new.{n}" for n in own)
            kept += f" anti join {new} as new on {same}"
        elif request.mode is WriteMode.REPLACE_WHERE:
            kept += f" where ({request.replace_where}) is not true"
        rows = f"({kept} union all select {columns} from {new})"
    required = tuple(name for name in request.spec.not_null if name in names)
    spec = replace(request.spec, not_null=required)
    result = _replace_all(
        connection,
        replace(request, relation=rows, spec=spec),
        fitted.schema,
        "rewrite",
        is_free=False,
    )
    written = _count(connection, new)
    return replace(result, rows_written=written, reason="the columns have changed")


def _spec_of(table: DeltaTable, spec: TableSpec) -> TableSpec:
    """Add a table's own layout and constraints, whoever declared them, to a write's settings."""
    metadata = table.metadata()
    kept = metadata.configuration.items()
    checks = {
        k.removeprefix(CONSTRAINT_PREFIX): v for k, v in kept if k.startswith(CONSTRAINT_PREFIX)
    }
    checks |= {k.removeprefix(CHECK_PREFIX): v for k, v in kept if k.startswith(CHECK_PREFIX)}
    required = [field.name for field in table.schema().fields if not field.nullable]
    return replace(
        spec,
        partition_by=tuple(metadata.partition_columns),
        checks={**checks, **spec.checks},
        not_null=tuple(dict.fromkeys([*spec.not_null, *required])),
    )


def _require_partitions(request: WriteRequest) -> None:
    if not request.spec.partition_by:
        raise StorageError(
            f"{request.table} has no partitions to replace",
            todo="set `partition_by` in the model's config, and build it with --full-refresh",
        )


def _require_keys(connection: duckdb.DuckDBPyConnection, request: WriteRequest) -> None:
    """Refuse null and repeated keys: a merge would insert them all."""
    if not request.keys:
        raise StorageError(
            f"{request.table} is to be merged but has no key",
            todo="set `unique_key` in the model's config",
        )
    if not request.merge.is_by_row:
        return
    keys = ", ".join(quote_name(key) for key in request.keys)
    null = " or ".join(f"{quote_name(key)} is null" for key in request.keys)
    new = _new_rows(request)
    empty = _count(connection, f"(from {new} where {null})")
    repeated = _count(connection, f"(select 1 from {new} group by {keys} having count(*) > 1)")
    if empty or repeated:
        raise StorageError(
            f"{request.table} cannot be merged: {empty} new rows lack a key"
            f" and {repeated} keys stand more than once, in {keys}",
            todo="keep one row a key in the model's SQL, and none without",
        )


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0
