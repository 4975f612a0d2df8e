"""Values that a contract compares a column with, as SQL literals that its type can be held to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from assay.contracts.place import Place
from assay.contracts.predicates import literal
from assay.errors import ContractError

_READ_ALIKE = re.compile(r"\d{4}-\d{2}-\d{2}(?:$|[ T]\d{2}:\d{2})")
_Time = TypeVar("_Time", bound=date)
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "float", "double", "decimal")


def column_literal(value: object, data_type: str, place: Place) -> str:
    """Write a value as an SQL literal that a column of this type can be compared with.

    A text beside a column of numbers, or a number beside a column of texts, would break the
    query on the first row that DuckDB cannot cast.

    Raises:
        ContractError: the value is of another type.
    """
    text = literal(value, place)
    kind = data_type.partition("(")[0].strip()
    instant = _read_instant(value) if kind.startswith("timestamp") else None
    if kind in _NUMBERS:
        fits, expected = not isinstance(value, str | bool | date), "a number"
    elif kind == "varchar":
        fits, expected = isinstance(value, str), "a text in quotes"
    elif kind == "boolean":
        fits, expected = isinstance(value, bool), "true or false"
    elif kind == "date":
        fits, expected = _read(value, date.fromisoformat) is not None, "a day such as 2024-01-31"
    elif kind.startswith("timestamp"):
        fits, expected = instant is not None, "an instant such as 2024-01-31 12:00:00"
    else:
        fits, expected = False, f"nothing: no value compares with a column of {data_type}"
    if not fits:
        raise ContractError(
            f"{value!r} stands beside a column of the type {data_type}: expected {expected}",
            where=place,
            todo="write the value in the column's own type, or a row rule in SQL",
        )
    if kind == "timestamp" and instant and instant.tzinfo:
        # DuckDB would leave the offset out; delivered times are held in UTC.
        return f"'{instant.replace(tzinfo=None)}'"
    return text


def listed_predicate(sql: str, literals: Sequence[str]) -> str:
    """Write that a value is one of these; NULL always may stand, and alone where none is."""
    return f"{sql} in ({', '.join(literals)})" if literals else f"{sql} is null"


def _read_instant(value: object) -> datetime | None:
    instant = _read(value, datetime.fromisoformat)
    try:
        # The first and the last hours of all years have no place in UTC.
        return instant and (instant.astimezone(UTC) if instant.tzinfo else instant)
    except OverflowError:
        return None


def _read(value: object, read: Callable[[str], _Time]) -> _Time | None:
    # Python reads more of ISO 8601 than DuckDB does: 20240131, 2024-W05-3, an hour alone.
    if not _READ_ALIKE.match(str(value)):
        return None
    try:
        return read(str(value))
    except ValueError:
        return None
