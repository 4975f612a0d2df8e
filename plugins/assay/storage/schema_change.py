"""What becomes of a table's columns when the new rows have others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb
from deltalake import DeltaTable, Schema

from assay.domain import quote_name
from assay.errors import ColumnsChanged, StorageError
from assay.storage.connection import scan
from assay.storage.delta_types import delta_schema, describe_type, relation_columns


class SchemaChange(StrEnum):
    """What to do where columns differ.

    ``strict`` refuses every difference; the others are dbt's values of ``on_schema_change``:
    ``ignore`` keeps the table's columns, ``fail`` refuses, ``append_new_columns`` adds,
    ``sync_all_columns`` makes the table's columns those of the new rows, types included.

    Source: dbt documentation, "Configure incremental models".
    """

    STRICT = "strict"
    IGNORE = "ignore"
    FAIL = "fail"
    APPEND_NEW_COLUMNS = "append_new_columns"
    SYNC_ALL_COLUMNS = "sync_all_columns"


@dataclass(frozen=True)
class FittedRows:
    """New rows as the table shall take them. ``old`` is a list of select items that brings
    the table's rows to the same columns; empty where they have them already."""

    relation: str
    schema: Schema
    old: str = ""


def fit_rows(
    connection: duckdb.DuckDBPyConnection,
    table: DeltaTable,
    path: Path,
    relation: str,
    schema: Schema,
    name: str,
    policy: SchemaChange,
    control: Sequence[str] = (),
) -> FittedRows:
    """Bring new rows and a table to the same columns, as the policy says.

    ``control`` columns of the new rows are not the table's; they stay with the rows.

    Raises:
        StorageError: the policy refuses the difference.
    """
    there = {f.name: describe_type(f.type) for f in table.schema().fields}
    new = {f.name: describe_type(f.type) for f in schema.fields}
    if there == new:
        return FittedRows(relation, schema)
    if policy in (SchemaChange.STRICT, SchemaChange.FAIL):
        raise _changed(name, there, new)
    old_types = dict(relation_columns(connection, scan(str(path), int(table.version()))))
    all_types = dict(relation_columns(connection, relation))
    new_types = {name: kind for name, kind in all_types.items() if name not in control}
    missing = [column for column in there if column not in new]
    if policy is SchemaChange.IGNORE:
        if missing:
            raise StorageError(
                f"the new rows of {name} lack the columns {', '.join(missing)}",
                todo="keep the columns, or set on_schema_change to sync_all_columns",
            )
        target = old_types
    elif policy is SchemaChange.APPEND_NEW_COLUMNS:
        target = {**old_types, **{c: t for c, t in new_types.items() if c not in old_types}}
    else:
        target = new_types
    beside = "".join(f", {quote_name(name)}" for name in all_types if name in control)
    plain = f"(select {_items(target, new_types)} from {relation})"
    fitted = f"(select {_items(target, new_types)}{beside} from {relation})"
    fitted_schema = delta_schema(connection, plain, name)
    after = {f.name: describe_type(f.type) for f in fitted_schema.fields}
    if after == there:
        return FittedRows(fitted, fitted_schema)
    return FittedRows(fitted, fitted_schema, _items(target, old_types))


def _items(
    target: dict[str, duckdb.sqltypes.DuckDBPyType], own: dict[str, duckdb.sqltypes.DuckDBPyType]
) -> str:
    return ", ".join(
        f"cast({quote_name(column) if column in own else 'null'} as {kind}) as {quote_name(column)}"
        for column, kind in target.items()
    )


def _changed(name: str, there: dict[str, str], new: dict[str, str]) -> ColumnsChanged:
    differences = [
        _difference(column, there.get(column), new.get(column))
        for column in sorted({*there, *new})
        if there.get(column) != new.get(column)
    ]
    return ColumnsChanged(
        f"the columns of {name} have changed: {'; '.join(differences)}",
        todo="rebuild the table: run the product with `--full-refresh`",
    )


def _difference(name: str, there: str | None, new: str | None) -> str:
    if there is None:
        return f"{quote_name(name)} ({new}) is new"
    if new is None:
        return f"{quote_name(name)} ({there}) is gone"
    return f"{quote_name(name)} was {there} and is {new}"
