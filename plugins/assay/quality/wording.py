"""How an outcome reads: short texts that hold counts and aggregates, never a row's values.

The one exception are keys without a row in another table, where their column is not protected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeGuard

from assay.quality.suite import Expectation

_COLUMN_KEYS = frozenset({"column", "column_A", "column_B", "column_list"})
_COUNTED_VALUES = {
    "unexpected_count": "distinct values unexpected",
    "missing_count": "expected values missing",
}
_KEY_COUNTS = (("observed_value", "row"), ("keys", "value"))
_LISTED_VALUES = 8
_MOST_OFTEN = ", most often "
NO_ROW_OF = "no row of: "
_TEXT, _NAME = re.compile("'([^']*)'"), re.compile('"([^"]*)"')
# Types are let alone: DECIMAL(4,2).
_TYPE_OR_NUMBER = re.compile(
    r"(?P<type>[A-Z]+\([0-9, ]+\))|(?<![\w.])[+-]?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?(?![\w.])"
)


def describe_expected(expectation: Expectation, table: str) -> str:
    """Write an expectation's arguments as ``name: value``; long lists are counted.

    A query that shall find no row is written as a person can run it.
    """
    if query := expectation.query_on(table):
        return NO_ROW_OF + query
    parts = [
        f"{key.rstrip('_')}: {_argument(value)}"
        for key, value in expectation.kwargs.items()
        if key not in _COLUMN_KEYS and value is not None
    ]
    return "; ".join(parts) or expectation.type.removeprefix("expect_").replace("_", " ")


def describe_observed(details: Mapping[str, object]) -> str:
    """Write what was measured: a share of rows, an aggregate, column names, a type."""
    for key, describe in _DESCRIBED.items():
        if key in details:
            return describe(details)
    if mismatch := _column_mismatch(details):
        return mismatch
    counted = [
        f"{details[key]} {meaning}"
        for key, meaning in _COUNTED_VALUES.items()
        if details.get(key) is not None
    ]
    if counted:
        return ", ".join(counted)
    return _aggregate(details["observed_value"]) if "observed_value" in details else ""


def hide_keys(observed: str) -> str:
    """Leave out of what was measured the keys without a row: they are values of rows."""
    return observed.partition(_MOST_OFTEN)[0]


def count_unexpected(expectation: Expectation, details: Mapping[str, object]) -> int:
    """Count the rows (or distinct values) that break an expectation; 0 where it counts none."""
    if "figure_unit" in expectation.meta:
        # Its query finds the figure, not rows.
        return 0
    found = details.get("unexpected_count")
    if found is None and "unexpected_rows_query" in expectation.kwargs:
        found = details.get("observed_value")
    return int(found) if isinstance(found, int | float) else 0


def describe_error(message: str, known_names: Collection[str]) -> str:
    """Keep the first line of an exception, without numbers and quoted texts but known names."""
    line = message.strip().splitlines()[0] if message.strip() else "an unknown error"
    # DuckDB's own apostrophe is no quote.
    line = line.replace("can't", "cannot")
    is_open = line.count("'") % 2 == 1
    if is_open or not set(_TEXT.findall(line)) <= set(known_names):
        # A value may hold quotes itself, or end on another line: all is left out from the first
        # quote to the last that may be its end.
        end = len(line) if is_open else line.rindex("'") + 1
        line = line[: line.index("'")] + "'…'" + line[end:]
    line = _TYPE_OR_NUMBER.sub(lambda m: m["type"] or "…", line)
    return _NAME.sub(lambda m: m.group(0) if m.group(1) in known_names else "'…'", line)


def _share(details: Mapping[str, object]) -> str:
    """Write a share of the rows that were judged: those where the column is not NULL."""
    unexpected, total = details.get("unexpected_count"), details.get("element_count")
    missing = details.get("missing_count") or 0
    if not _is_count(unexpected) or not _is_count(total) or not _is_count(missing):
        return "no rows"
    judged = int(total) - int(missing)
    percent = 100 * int(unexpected) / judged if judged else 0
    kind = "non-null rows" if missing else "rows"
    return f"{int(unexpected):,} of {judged:,} {kind} unexpected ({percent:.4g} %)"


def _missing_keys(details: Mapping[str, object]) -> str:
    """Write how many rows have a key that is nowhere, and the commonest keys if given."""
    rows, keys = (_counted(details[name], word) for name, word in _KEY_COUNTS)
    counts = f"{rows} of {keys} without a row there"
    frequent = details.get("frequent_keys")
    if not isinstance(frequent, list):
        return counts
    return counts + _MOST_OFTEN + "; ".join(f"{key} ({count:,})" for key, count in frequent)


def _counted(number: object, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _is_count(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float)


def _column_mismatch(details: Mapping[str, object]) -> str:
    """Name missing and unexpected columns: names of columns are schema, not data."""
    inner = details.get("details")
    found = inner.get("mismatched") if isinstance(inner, dict) else None
    if isinstance(found, dict):
        return "; ".join(f"{key}: {', '.join(map(str, names))}" for key, names in found.items())
    return "columns differ in order or number" if isinstance(found, list) else ""


def _aggregate(value: object) -> str:
    if isinstance(value, float | Decimal):
        return f"{value:.10g}"
    if isinstance(value, datetime) and value.tzinfo:
        return f"{value.astimezone(UTC)}"
    if isinstance(value, int | date):
        return f"{value}"
    if isinstance(value, dict) and "quantiles" in value:
        return ", ".join(map(_aggregate, value.get("values") or []))
    if isinstance(value, dict | list | tuple | set):
        return _collection(value)
    return "no value" if value is None else "a text (not shown)"


def _collection(value: Collection[object]) -> str:
    if isinstance(value, dict) and all(map(_is_count, value.values())):
        return ", ".join(f"{key}: {each}" for key, each in value.items())
    return f"{len(value)} values"


def _argument(value: object) -> str:
    if isinstance(value, list | tuple):
        if len(value) > _LISTED_VALUES:
            return f"{len(value)} values"
        return ", ".join(map(str, value))
    return str(value)


def _figure(details: Mapping[str, object]) -> str:
    return f"{_aggregate(details['figure'])} {details.get('figure_unit') or ''}".strip()


_DESCRIBED: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "data_type": lambda details: str(details["data_type"]),
    "figure": _figure,
    "keys": _missing_keys,
    "element_count": _share,
}
