"""Which DuckDB types a Delta table can hold, and how they are declared there."""

from __future__ import annotations

import re

import duckdb
from deltalake import Schema
from deltalake.schema import ArrayType, MapType, PrimitiveType, StructType

from assay.domain import quote_name
from assay.errors import StorageError

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
}
_ENUM_CAST = "cast it to varchar"
# A type, not the name of a struct's field: that has its own type behind it.
_NO_TYPE = re.compile(r'"NULL"(?! )')
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
        StorageError: a column has a type that Delta cannot hold exactly, or a name that its
            readers cannot tell from another or ask for; names table, column, type and cast.
    """
    seen: dict[str, str] = {}
    columns = relation_columns(connection, relation)
    for name, data_type in columns:
        if name.lower() in seen:
            raise StorageError(
                f"{table} has two columns that Delta cannot tell apart: "
                f"{seen[name.lower()]} and {name}",
                todo="give one of them another name with `as`",
            )
        if "." in name or "`" in name:
            raise StorageError(
                f"{table} has a column that no reader can filter by: {quote_name(name)}",
                todo="give it a name without dot and backtick with `as`",
            )
        seen[name.lower()] = name
        _refuse(table, name, data_type)
    _refuse_untyped(connection, relation, table, [name for name, _ in columns])
    arrow = connection.execute(f"select * from {relation} limit 0").to_arrow_table()
    return Schema.from_arrow(arrow.schema)


def _refuse(
    table: str, column: str, data_type: duckdb.sqltypes.DuckDBPyType, *, is_in_map: bool = False
) -> None:
    kind = data_type.id
    if kind == "array":
        raise StorageError(
            f"{table} has a column of a type that Delta cannot hold: "
            f"{quote_name(column)} is {data_type}",
            todo="cast it to a list, as in x::integer[], in the model's SQL",
        )
    if kind == "list":
        _refuse(table, f"{column}[]", dict(data_type.children)["child"], is_in_map=is_in_map)
    elif kind in ("struct", "map"):
        for name, child in data_type.children:
            _refuse(table, f"{column}.{name}", child, is_in_map=is_in_map or kind == "map")
    elif kind == "timestamp" and is_in_map:
        # delta-rs does not see it there, and leaves out the table feature that it needs.
        raise StorageError(
            f"{table} has a column of a type that Delta cannot hold: "
            f"{quote_name(column)} is TIMESTAMP in a map",
            todo="cast it to timestamp with time zone, or to varchar, in the model's SQL",
        )
    elif kind == "enum" or (str(data_type).lower() not in _HELD and kind not in _HELD):
        cast = _ENUM_CAST if kind == "enum" else _CASTS.get(str(data_type).lower(), "cast it")
        raise StorageError(
            f"{table} has a column of a type that Delta cannot hold: "
            f"{quote_name(column)} is {data_type}",
            todo=f"{cast} in the model's SQL",
        )


def _refuse_untyped(
    connection: duckdb.DuckDBPyConnection, relation: str, table: str, columns: list[str]
) -> None:
    """Refuse columns that are only ever NULL: DuckDB would write them as integers."""
    types = ", ".join(f"typeof(rows.{quote_name(name)})" for name in columns)
    found = connection.execute(
        f"select {types} from (select * from {relation} where false) as rows"
        " right join (select 1) as one on true"
    ).fetchone()
    for name, kind in zip(columns, found or (), strict=True):
        if _NO_TYPE.search(kind):
            raise StorageError(
                f"{table} has a column without a type: {quote_name(name)} holds only NULL",
                todo="cast it to the type that its values will have, as in null::varchar,"
                " in the model's SQL",
            )


def describe_type(delta_type: PrimitiveType | ArrayType | MapType | StructType) -> str:
    """Write a Delta type for people, as in ``array of struct (x integer)``."""
    if isinstance(delta_type, ArrayType):
        return f"array of {describe_type(delta_type.element_type)}"
    if isinstance(delta_type, MapType):
        key, value = describe_type(delta_type.key_type), describe_type(delta_type.value_type)
        return f"map of {key} to {value}"
    if isinstance(delta_type, StructType):
        fields = ", ".join(f"{f.name} {describe_type(f.type)}" for f in delta_type.fields)
        return f"struct ({fields})"
    return str(delta_type.type)
