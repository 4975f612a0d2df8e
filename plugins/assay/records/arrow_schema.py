"""How a frozen dataclass of the domain becomes Arrow columns and back."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar, Union

import pyarrow as pa

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)
else:
    T = TypeVar("T")

_SCALARS = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def record_schema(record_type: type[T]) -> pa.Schema:
    """Derive the columns of a record type.

    Enumerations are stored as text, mappings as JSON text, tuples of text as lists.

    Raises:
        TypeError: a field has a type that records do not hold.
    """
    hints = typing.get_type_hints(record_type)
    return pa.schema([pa.field(f.name, _arrow_type(hints[f.name])) for f in fields(record_type)])


def to_arrow(records: Sequence[T], record_type: type[T]) -> pa.Table:
    """Turn records into one Arrow table."""
    schema = record_schema(record_type)
    columns = {
        name: [_encode(getattr(record, name)) for record in records] for name in schema.names
    }
    return pa.table(columns, schema=schema)


def from_arrow(table: pa.Table, record_type: type[T]) -> list[T]:
    """Turn an Arrow table back into records.

    A field whose column is not there, or came later than the row, takes its default.
    """
    hints = typing.get_type_hints(record_type)
    names = [f.name for f in fields(record_type) if f.name in table.column_names]
    optional = {name for name in names if _is_optional(hints[name])}
    columns = [_decode(table.column(name).to_pylist(), hints[name]) for name in names]
    return [
        record_type(
            **{
                name: value
                for name, value in zip(names, row, strict=True)
                if value is not None or name in optional
            }
        )
        for row in zip(*columns, strict=True)
    ]


def _inner(hint: object) -> object:
    """Strip ``None`` from an optional type."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        return next(a for a in typing.get_args(hint) if a is not type(None))
    return hint


def _is_optional(hint: object) -> bool:
    return type(None) in typing.get_args(hint)


def _arrow_type(hint: object) -> pa.DataType:
    hint = _inner(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return pa.string()
    if isinstance(hint, type) and hint in _SCALARS:
        return _SCALARS[hint]
    origin = typing.get_origin(hint)
    if origin is tuple:
        return pa.list_(pa.string())
    if origin is not None and issubclass(origin, Mapping):
        return pa.string()
    raise TypeError(f"a record cannot hold {hint}: expected text, number, time, tuple or mapping")


def _encode(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return json.dumps(dict(value), sort_keys=True)
    return value


def _decode(values: Sequence[object], hint: object) -> Sequence[object]:
    """Turn a column's values into those of a field; what that takes is asked once a column."""
    decode = _decoder(hint)
    if decode is None:
        return values
    return [None if value is None else decode(value) for value in values]


def _decoder(hint: object) -> Callable[[typing.Any], object] | None:
    hint = _inner(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if hint is datetime:
        return lambda value: value.astimezone(UTC)
    origin = typing.get_origin(hint)
    if origin is tuple:
        return tuple
    if origin is not None and issubclass(origin, Mapping):
        return json.loads
    return None
