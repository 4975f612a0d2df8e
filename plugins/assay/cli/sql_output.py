"""Writes a query's rows as a table, JSON or CSV, some thousand rows in memory at a time."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, Protocol, TextIO

from assay.cli.text_table import format_table

_BATCH_ROWS = 10_000
_NUMBER_TYPE = re.compile(
    r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DOUBLE|FLOAT|DECIMAL\([0-9,]+\)"
)
# What would end a table's line, or be an order to the screen.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Rows(Protocol):
    """A result whose rows are fetched as they are needed: what DuckDB gives."""

    @property
    def description(self) -> Sequence[Sequence[object]]:
        """The columns: name and type first."""

    def fetchmany(self, size: int) -> list[tuple[object, ...]]:
        """Return up to ``size`` more rows; none at the end."""


def write_rows(rows: Rows, style: str, out: TextIO, *, limit: int = 0) -> bool:
    """Write all rows, or for a ``table`` the first ``limit``; tell whether rows were left out."""
    names = [str(column[0]) for column in rows.description]
    if style == "json":
        _write_json(names, _fetch(rows), out)
    elif style == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([to_text(value, "") for value in row] for row in _fetch(rows))
    else:
        found = list(islice(_fetch(rows), limit + 1 if limit else None))
        shown = found[:limit] if limit else found
        numbers = {
            name
            for name, column in zip(names, rows.description, strict=True)
            if _NUMBER_TYPE.fullmatch(str(column[1]))
        }
        texts = [[_on_one_line(to_text(value, "NULL")) for value in row] for row in shown]
        out.write(format_table(names, texts, right=numbers) + "\n")
        return len(found) > len(shown)
    return False


def to_json(value: object) -> str:
    """Write one value as JSON.

    Numbers keep all their digits, decimals included; what JSON has no form for (moments, bytes,
    NaN, intervals) is a text.
    """
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else json.dumps(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(to_text(value, ""))
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Mapping):
        items = (f"{json.dumps(str(k))}: {to_json(v)}" for k, v in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(to_json(each) for each in value) + "]"
    return json.dumps(to_text(value, ""), ensure_ascii=False)


def to_text(value: object, null: str) -> str:
    """Write one value as text: moments as ISO 8601 in UTC, bytes in hexadecimal."""
    if value is None:
        return null
    if isinstance(value, bool):
        return "true" if value else "false"
    for kind, write in _TEXT_FORMS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def _on_one_line(text: str) -> str:
    return _CONTROL.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def _write_moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _write_float(value: float) -> str:
    if math.isfinite(value):
        return str(value)
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


# A datetime is a date as well: the first that fits is taken.
_TEXT_FORMS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, str),
    (datetime, _write_moment),
    ((date, time), lambda value: str(value.isoformat())),
    (Decimal, lambda value: format(value, "f")),
    (float, _write_float),
    (bytes, lambda value: str(value.hex())),
    ((Mapping, list, tuple), to_json),
)


def _write_json(names: Sequence[str], rows: Iterator[tuple[object, ...]], out: TextIO) -> None:
    keys = [json.dumps(name, ensure_ascii=False) for name in _unique(names)]
    separator = "[\n"
    for row in rows:
        fields = ", ".join(f"{key}: {to_json(value)}" for key, value in zip(keys, row, strict=True))
        out.write(f"{separator}{{{fields}}}")
        separator = ",\n"
    out.write("[]\n" if separator == "[\n" else "\n]\n")


def _unique(names: Sequence[str]) -> list[str]:
    """Tell columns of one name apart, as an object's keys must be."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _fetch(rows: Rows) -> Iterator[tuple[object, ...]]:
    while batch := rows.fetchmany(_BATCH_ROWS):
        yield from batch
