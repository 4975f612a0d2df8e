"""Which DuckDB types a Delta table can hold, and how they are declared there."""

from __future__ import annotations

import duckdb
from deltalake import Schema

from assay.errors import StorageError
from assay.storage.connection import quote_name

_CASTS = {
    "hugeint": "cast it to bigint or decimal(38, 0), as in sum(x)::bigint",
    "uhugeint": "cast it to decimal(38, 0)",
    "ubigint": "cast it to decimal(20, 0)",
    "uinteger": "cast it to bigint",
    "usmallint": "cast it to integer",
    "utinyint": "cast it to smallint",
    "time": "cast it to varchar",
    "time with time zone": "cast it to varchar",
    "interval": "cast it to a number of seconds, as in epoch(x)::bigint",
    "timestamp_s": "cast it to timestamp",
    "timestamp_ms": "cast it to timestamp",
    "timestamp_ns": "cast it to timestamp",
    "uuid": "cast it to varchar",
    "bit": "cast it to varchar",
    "json": "cast it to varchar",
    '"null"': "cast it to the type that its values will have",
}
_ENUM_CAST = "cast it to varchar"
_HELD = {
    "boolean",
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "float",
    "double",
    "decimal",
    "varchar",
    "blob",
    "date",
    "timestamp",
    "timestamp with time zone",
}


def relation_columns(
    connection: duckdb.DuckDBPyConnection, relation: str
) -> list[tuple[str, duckdb.sqltypes.DuckDBPyType]]:
    """List the columns of a relation as (name, type)."""
    result = connection.sql(f"select * from {relation} limit 0")
    return list(zip(result.columns, result.types, strict=True))


def delta_schema(connection: duckdb.DuckDBPyConnection, relation: str, table: str) -> Schema:
    """Derive the Delta schema of a relation.

    Raises:
        StorageError: a column has a type that Delta cannot hold exactly, or two columns have
            names that differ in case only; names table, column, type and the cast to use.
    """
    seen: dict[str, str] = {}
    for name, data_type in relation_columns(connection, relation):
        if name.lower() in seen:
            raise StorageError(
                f"{table} has two columns that Delta cannot tell apart: "
                f"{seen[name.lower()]} and {name}",
                todo="give one of them another name with `as`",
            )
        seen[name.lower()] = name
        _refuse(table, name, data_type)
    arrow = connection.execute(f"select * from {relation} limit 0").to_arrow_table()
    return Schema.from_arrow(arrow.schema)


def _refuse(table: str, column: str, data_type: duckdb.sqltypes.DuckDBPyType) -> None:
    kind = data_type.id
    if kind in ("list", "array"):
        _refuse(table, f"{column}[]", dict(data_type.children)["child"])
    elif kind in ("struct", "map"):
        for name, child in data_type.children:
            _refuse(table, f"{column}.{name}", child)
    elif kind == "enum" or (str(data_type).lower() not in _HELD and kind not in _HELD):
        cast = _ENUM_CAST if kind == "enum" else _CASTS.get(str(data_type).lower(), "cast it")
        raise StorageError(
            f"{table} has a column of a type that Delta cannot hold: "
            f"{quote_name(column)} is {data_type}",
            todo=f"{cast} in the model's SQL",
        )
