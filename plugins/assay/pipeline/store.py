"""Writes what a dbt model produced, as its binding says. Called by the dbt plugin."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.domain import Candidate, LakeBinding, TableRef
from assay.pipeline.locks import check_fence
from assay.storage import (
    WriteMode,
    WriteRequest,
    WriteResult,
    current_version,
    quote_name,
    quote_text,
    restore,
    scan,
    table_path,
    write_table,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_log = logging.getLogger(__name__)


def store_rows(
    connection: DuckDBPyConnection,
    binding: LakeBinding,
    *,
    schema: str,
    name: str,
    request: Mapping[str, Any],
) -> None:
    """Write a model's rows and bind its name to them.

    ``request`` has ``model``, ``mode`` (overwrite, append, merge or scratch), ``new_rows`` (the
    relation that holds them), ``unique_key``, ``description`` and ``has_base``.

    Raises:
        StorageError: the rows cannot be written.
        RunSuperseded: a newer run of the product has started.
    """
    target = f"{quote_name(schema)}.{quote_name(name)}"
    if request["mode"] == "scratch":
        path = Path(binding.scratch) / f"{name}.parquet"
        connection.execute(
            f"copy (from {request['new_rows']}) to {quote_text(str(path))} (format parquet)"
        )
        rows = f"read_parquet({quote_text(str(path))})"
        connection.execute(f"create or replace view {target} as from {rows}")
        return
    table = TableRef.parse(f"{schema}.{name}")
    result = _write(connection, binding, table, request)
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
) -> WriteResult:
    path = table_path(Path(binding.write_root), table)
    guard = _guard(binding)
    base = _base_version(binding, table) if request["has_base"] else None
    mode = WriteMode(request["mode"])
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
            keys=tuple(request["unique_key"]),
            description=str(request["description"] or ""),
            metadata={"assay.run": binding.run_id, "assay.model": str(request["model"])},
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
        "table_written run=%s table=%s version=%d rows=%d written=%d operation=%s",
        binding.run_id or "developer",
        table,
        result.version,
        result.rows,
        result.rows_written,
        result.operation,
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
