"""Writes what a dbt model produced, as its binding says. Called by the dbt plugin."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assay.domain import Candidate, LakeBinding, Layer, TableRef, quote_name
from assay.pipeline.locks import check_fence
from assay.pipeline.split_rows import files_to_take, split_rows
from assay.pipeline.write_config import read_write_config, refuse_retention
from assay.storage import (
    ReadyFiles,
    StagedRows,
    WriteMode,
    WriteRequest,
    WriteResult,
    current_version,
    parquet_options,
    quote_text,
    restore,
    scan,
    table_path,
    write_table,
)
from assay.storage.connection import one_thread

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_log = logging.getLogger(__name__)

# Requests that ask about a name and store nothing: a unit test's temporary view has no schema.
ABOUT_NAMES = {"clear", "drop", "drop_schema", "rename", "unbind", "view"}


@dataclass
class Invocation:
    """What one dbt invocation has written so far: tables' versions, and steps by name.

    A model may be written in several batches; a table may take in the files of a step.
    """

    written: dict[TableRef, int] = field(default_factory=dict)
    steps: dict[str, StagedRows] = field(default_factory=dict)


def store_rows(
    connection: DuckDBPyConnection,
    binding: LakeBinding,
    *,
    schema: str,
    name: str,
    request: Mapping[str, Any],
    invocation: Invocation,
) -> None:
    """Write a model's rows and bind its name to them.

    ``request`` is what the macro ``store_in_lake`` sends, or a ``mode`` alone that asks about a
    name: views are of one dbt invocation here, and tables are not dropped.

    Raises:
        StorageError: the rows cannot be written.
        RunSuperseded: a newer run of the product has started.
    """
    target = f"{quote_name(schema)}.{quote_name(name)}"
    if request["mode"] in ABOUT_NAMES:
        if request["mode"] == "unbind":
            connection.execute(f"drop view if exists {target}")
        return
    if request["mode"] == "scratch":
        path = Path(binding.scratch) / f"{name}.parquet"
        connection.execute(
            f"copy (from {request['new_rows']}) to {quote_text(str(path))} ({parquet_options()})"
        )
        rows = f"read_parquet({quote_text(str(path))})"
        connection.execute(f"create or replace view {target} as from {rows}")
        return
    if request["mode"] == "split":
        step = split_rows(connection, binding, name, request)
        invocation.steps[name] = step
        connection.execute(f"create or replace view {target} as {step.relation()}")
        return
    table = TableRef.parse(f"{schema}.{name}")
    takes = (request.get("settings") or {}).get("takes") or {}
    staged = invocation.steps.get(str(takes.get("rows")))
    is_numbered = table.layer is Layer.BRONZE
    with (
        one_thread(connection) if is_numbered else nullcontext(),
        files_to_take(connection, staged, schema, takes) if staged else nullcontext() as ready,
    ):
        result = _write(connection, binding, table, request, invocation.written.get(table), ready)
    invocation.written[table] = result.version
    if (request.get("rules") or {}).get("replaces_table"):
        connection.execute(f"drop table {target}")
    _note_candidate(binding, table, str(request["model"]), result)
    path = table_path(Path(binding.write_root), table)
    connection.execute(f"create or replace view {target} as from {scan(str(path), result.version)}")


def candidates_path(scratch: Path) -> Path:
    """The file that notes what one dbt invocation wrote, line by line."""
    return scratch / "candidates.ndjson"


def read_candidates(scratch: Path) -> list[Candidate]:
    """Read what the last dbt invocation wrote."""
    path = candidates_path(scratch)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [_candidate(json.loads(line)) for line in lines]


def _write(
    connection: DuckDBPyConnection,
    binding: LakeBinding,
    table: TableRef,
    request: Mapping[str, Any],
    written: int | None,
    ready: ReadyFiles | None,
) -> WriteResult:
    path = table_path(Path(binding.write_root), table)
    guard = _guard(binding)
    columns = connection.sql(f"select * from {request['new_rows']} limit 0").columns
    config = read_write_config(request, columns, str(table))
    refuse_retention(config.spec, str(table))
    mode = config.mode
    base = written if written is not None else _base_version(binding, table)
    if not request["has_base"]:
        base = None
    if base is not None and mode is not WriteMode.OVERWRITE and current_version(path) != base:
        base = restore(path, base, guard)
    return write_table(
        connection,
        WriteRequest(
            path=path,
            table=str(table),
            relation=str(request["new_rows"]),
            mode=mode,
            base_version=base,
            guard=guard,
            keys=config.keys,
            description=str(request["description"] or ""),
            spec=config.spec,
            merge=config.merge,
            replace_where=config.replace_where,
            schema_change=config.schema_change,
            ready=ready,
            metadata={"assay.run": binding.run_id, "assay.model": str(request["model"])},
            # A name for each attempt: the table was just brought back to its base, so that
            # finding an earlier attempt's write would say that rows are there which are not.
            transaction="/".join(["assay", binding.run_id, str(table), uuid4().hex]),
        ),
    )


def _base_version(binding: LakeBinding, table: TableRef) -> int | None:
    return next((bound.version for bound in binding.bases if bound.table == table), None)


def _guard(binding: LakeBinding) -> Callable[[], None]:
    if binding.is_developer:
        return lambda: None
    lake = Path(binding.lake)
    return lambda: check_fence(lake, binding.product, binding.run_id, binding.fence)


def _note_candidate(binding: LakeBinding, table: TableRef, model: str, result: WriteResult) -> None:
    _log.info(
        "table_written run=%s table=%s version=%d rows=%d written=%d operation=%s why=%s",
        binding.run_id or "developer",
        table,
        result.version,
        result.rows,
        result.rows_written,
        result.operation,
        result.reason or "-",
    )
    candidate = Candidate(
        run_id=binding.run_id,
        product=binding.product,
        table=str(table),
        version=result.version,
        model=model,
        rows=result.rows,
        rows_written=result.rows_written,
        operation=result.operation,
        written_at_utc=datetime.now(UTC),
    )
    path = candidates_path(Path(binding.scratch))
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(candidate), default=str) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _candidate(values: dict[str, Any]) -> Candidate:
    return Candidate(
        **values | {"written_at_utc": datetime.fromisoformat(values["written_at_utc"])}
    )
