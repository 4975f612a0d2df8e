"""Commits: the moment at which new files, and the absence of old ones, become visible."""

from __future__ import annotations

import logging
import random
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from deltalake import (
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Schema,
    Transaction,
)
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import create_table_with_add_actions

from assay.errors import StorageError
from assay.storage.data_files import DataFiles
from assay.storage.live_files import LiveFile
from assay.storage.table_spec import (
    CHECK_PREFIX,
    CONSTRAINT_PREFIX,
    FILE_SIZE_PROPERTY,
    described,
)
from assay.storage.tables import DRAFT_PREFIX, open_table
from assay.storage.write_request import UNCHECKED, WriteRequest

_log = logging.getLogger(__name__)

_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
_ATTEMPTS = 12
_TRANSACTION = 1
# What delta-rs says of an expression that it cannot keep.
_UNSPEAKABLE = ("Unable to convert expression", "Error during planning", "not supported")


def is_committed(table: DeltaTable, request: WriteRequest) -> bool:
    """Tell whether the table holds this very write already."""
    name = request.transaction
    return bool(name) and table.transaction_version(name) is not None


def commit_change(
    request: WriteRequest,
    table: DeltaTable,
    schema: Schema,
    files: DataFiles,
    removed: Sequence[LiveFile],
    operation: str,
    *,
    is_data_change: bool = True,
) -> None:
    """Add files to a table and take others out of it, on top of the version that is open."""
    actions = [*files.actions, *(file.removal(is_data_change) for file in removed)]

    def commit(current: DeltaTable) -> None:
        current.create_write_transaction(
            actions,
            mode="append",
            schema=schema,
            partition_by=list(current.metadata().partition_columns) or None,
            commit_properties=_properties(request, operation),
            post_commithook_properties=_HOOKS,
        )

    is_free = request.is_shared and not removed
    _attempt(request, table, commit, is_free=is_free)


def commit_replacement(
    request: WriteRequest, schema: Schema, files: DataFiles, operation: str, *, is_free: bool
) -> None:
    """Make files the whole content of a table, there or not, its columns and settings new."""
    spec = request.spec
    table = _open_if_there(request)
    if spec.checks and table is None:
        if _create_out_of_sight(request, schema, files, operation, is_free=is_free):
            return
        table = open_table(request.path)
    if spec.extras and table is not None and _is_alike(table, request, schema):
        _overwrite_in_place(request, table, schema, files, operation, is_free=is_free)
        return

    def commit(_: DeltaTable | None) -> None:
        create_table_with_add_actions(
            str(request.path),
            described(schema, spec),
            list(files.actions),
            mode="overwrite",
            partition_by=list(spec.partition_by) or None,
            description=_description(request) or None,
            configuration=spec.configuration,
            commit_properties=_properties(request, operation),
            post_commithook_properties=_HOOKS,
        )

    _attempt(request, None, commit, is_free=is_free)
    if spec.extras:
        _declare(request, open_table(request.path), spec.checks, spec.extras)


def sync_metadata(request: WriteRequest, table: DeltaTable) -> DeltaTable:
    """Bring what a table says of itself to what the request says; nothing where it does."""
    spec, metadata = request.spec, table.metadata()
    description = _description(request)
    known = {f.name: f.metadata.get("comment", "") for f in table.schema().fields}
    comments = {c: t for c, t in spec.comments.items() if c in known and known[c] != t}
    wanted = {**spec.properties, **spec.extras}
    if FILE_SIZE_PROPERTY in metadata.configuration:
        wanted |= {k: v for k, v in spec.configuration.items() if k == FILE_SIZE_PROPERTY}
    properties = {k: v for k, v in wanted.items() if metadata.configuration.get(k) != v}
    checks = {n: sql for n, sql in spec.checks.items() if CHECK_PREFIX + n in properties}
    is_described = not description or (metadata.description or "") == description
    if is_described and not (comments or properties):
        return table
    request.require_right()
    try:
        if not is_described:
            table.alter.set_table_description(description)
        for column, text in comments.items():
            table.alter.set_column_metadata(column, {"comment": text})
    except CommitFailedError as error:
        raise request.conflict(error) from error
    except DeltaError as error:
        raise _failure(request, error) from error
    if properties:
        _declare(request, table, checks, properties)
    return open_table(request.path)


def _create_out_of_sight(
    request: WriteRequest, schema: Schema, files: DataFiles, operation: str, *, is_free: bool
) -> bool:
    """Create a table with constraints in a draft, and show it in one step.

    Constraints are added while there is no row to look at. Killed before the rows came, a table
    in its place would be empty: the next build would take it for its base. Returns false where
    another writer created the table meanwhile.
    """
    draft = request.path / f"{DRAFT_PREFIX}{uuid4().hex}"
    hidden = replace(request, path=draft, expected_version=UNCHECKED)
    try:
        commit_change(hidden, _create(hidden, schema), schema, files, (), operation)
        request.require_right()
        try:
            (draft / "_delta_log").rename(request.path / "_delta_log")
        except OSError as error:
            if not is_free:
                raise request.conflict("it was created meanwhile") from error
            return False
        return True
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _create(request: WriteRequest, schema: Schema) -> DeltaTable:
    request.require_right()
    request.path.mkdir(parents=True, exist_ok=True)
    try:
        table = DeltaTable.create(
            str(request.path),
            schema=described(schema, request.spec),
            partition_by=list(request.spec.partition_by) or None,
            description=_description(request) or None,
            configuration=request.spec.configuration,
        )
    except DeltaError as error:
        raise _failure(request, error) from error
    _declare(request, table, request.spec.checks, request.spec.extras)
    return open_table(request.path)


def _declare(
    request: WriteRequest,
    table: DeltaTable,
    checks: Mapping[str, str],
    properties: Mapping[str, str],
) -> None:
    """Record constraints, so that other writers honour them, and properties."""
    try:
        for name, sql in checks.items():
            _add_constraint(request, table, name, sql)
        table.alter.set_table_properties(dict(properties), raise_if_not_exists=False)
    except CommitFailedError as error:
        raise request.conflict(error) from error
    except DeltaError as error:
        raise _failure(request, error) from error


def _add_constraint(request: WriteRequest, table: DeltaTable, name: str, sql: str) -> None:
    try:
        if CONSTRAINT_PREFIX + name in table.metadata().configuration:
            table.alter.drop_constraint(name)
        table.alter.add_constraint({name: sql})
    except DeltaError as error:
        if not any(sign in str(error) for sign in _UNSPEAKABLE):
            raise
        _log.warning(
            "constraint_not_recorded table=%s constraint=%s it is kept here, but other writers"
            " cannot be told of it: %s",
            request.table,
            name,
            error,
        )


def _overwrite_in_place(
    request: WriteRequest,
    table: DeltaTable,
    schema: Schema,
    files: DataFiles,
    operation: str,
    *,
    is_free: bool,
) -> None:
    def commit(current: DeltaTable) -> None:
        current.create_write_transaction(
            list(files.actions),
            mode="overwrite",
            schema=described(schema, request.spec),
            partition_by=list(request.spec.partition_by) or None,
            commit_properties=_properties(request, operation),
            post_commithook_properties=_HOOKS,
        )

    _attempt(request, table, commit, is_free=is_free)


def _attempt(
    request: WriteRequest,
    table: DeltaTable | None,
    commit: Callable[[DeltaTable | None], None],
    *,
    is_free: bool,
) -> None:
    """Commit; where others may come first, again on top of what they committed.

    Raises:
        ConcurrentWrite: another writer was first and this write depends on what it changed.
        StorageError: the log cannot be written.
    """
    schema = table.schema() if table else None
    for attempt in range(1, _ATTEMPTS + 1):
        request.require_right()
        try:
            commit(table)
            return
        except CommitFailedError as error:
            if not is_free or attempt == _ATTEMPTS:
                raise request.conflict(error) from error
            time.sleep(random.uniform(0, 0.02 * attempt))
            if table is not None:
                table = open_table(request.path)
                if is_committed(table, request):
                    return
                if table.schema() != schema:
                    raise request.conflict("its columns have changed") from error
        except (DeltaError, OSError) as error:
            raise _failure(request, error) from error


def _is_alike(table: DeltaTable, request: WriteRequest, schema: Schema) -> bool:
    metadata = table.metadata()
    kept = metadata.configuration
    wanted = {**request.spec.configuration, **request.spec.extras}
    others = {
        key
        for key in kept
        if key.startswith((CONSTRAINT_PREFIX, CHECK_PREFIX))
        and key.split(".", 2)[2] not in request.spec.checks
    }
    return (
        table.schema() == described(schema, request.spec)
        and tuple(metadata.partition_columns) == request.spec.partition_by
        and (metadata.description or "") == _description(request)
        and not others
        and all(kept.get(key) == value for key, value in wanted.items())
    )


def _open_if_there(request: WriteRequest) -> DeltaTable | None:
    log = request.path / "_delta_log"
    if not log.is_dir() or not DeltaTable.is_deltatable(str(request.path)):
        return None
    return open_table(request.path)


def _description(request: WriteRequest) -> str:
    return request.spec.description or request.description


def _properties(request: WriteRequest, operation: str) -> CommitProperties:
    metadata = {**request.metadata, "assay.operation": operation}
    transactions = [Transaction(request.transaction, _TRANSACTION)] if request.transaction else None
    return CommitProperties(
        custom_metadata=metadata, max_commit_retries=0, app_transactions=transactions
    )


def _failure(request: WriteRequest, error: Exception) -> StorageError:
    return StorageError(f"{request.table} could not be committed: {error}", where=str(request.path))
