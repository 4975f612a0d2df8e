"""What a table's log says of a version's columns, where that is exact.

The log keeps bounds so that readers may skip files: a bound may lie outside the values. Here only
those are taken that are themselves values of the column.

Source: Delta transaction log protocol, section "Per-file Statistics".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from assay.domain import ColumnStatistics, TableStatistics
from assay.storage.data_files import is_own_file
from assay.storage.tables import file_actions, open_table

# DuckDB cuts longer texts somewhere before 256 bytes, and raises the upper bound to cover them.
_EXACT_TEXT_BYTES = 128


def table_statistics(path: Path, version: int) -> TableStatistics | None:
    """Return what the log says exactly; None where another engine wrote files of this version.

    Other engines cut bounds to milliseconds or to 32 characters, or leave out NaN. A column is
    absent where a file has no statistics of it: nested ones, partitions, and those beyond the
    number of columns that the table keeps statistics of (32, unless it says otherwise).

    Raises:
        StorageError: there is no such version.
    """
    table = open_table(path, version)
    files = file_actions(table)
    if not all(is_own_file(name) for name in files.column("path").to_pylist()):
        return None
    rows = files.column("num_records").to_pylist()
    found = {
        field.name: statistics
        for field in table.schema().fields
        if (statistics := _column(files, field.name, rows))
    }
    return TableStatistics(sum(rows), found)


def _column(files: pa.Table, name: str, rows: Sequence[int]) -> ColumnStatistics | None:
    nulls = _values(files, f"null_count.{name}")
    if not nulls or any(count is None for count in nulls):
        return None
    has_values = [count < all_rows for count, all_rows in zip(nulls, rows, strict=True)]
    if not any(has_values):
        return ColumnStatistics(sum(nulls), None, None)
    low = _bound(min, _of(_values(files, f"min.{name}"), has_values))
    high = _bound(max, _of(_values(files, f"max.{name}"), has_values))
    if low is None or high is None:
        return ColumnStatistics(sum(nulls), None, None, has_bounds=False)
    return ColumnStatistics(sum(nulls), low, high)


def _values(files: pa.Table, name: str) -> list[Any]:
    return files.column(name).to_pylist() if name in files.column_names else []


def _of(values: Iterable[Any], chosen: Iterable[bool]) -> list[Any]:
    return [value for value, is_chosen in zip(values, chosen, strict=False) if is_chosen]


def _bound(choose: Callable[[Sequence[Any]], Any], values: Sequence[Any]) -> str | None:
    """Write the lowest or highest of the files' bounds as a text that SQL casts to that value."""
    if not values or any(value is None for value in values):
        return None
    bound = choose(values)
    if isinstance(bound, str):
        return bound if len(bound.encode()) < _EXACT_TEXT_BYTES else None
    if isinstance(bound, date):
        return bound.isoformat()
    if isinstance(bound, Decimal):
        return f"{bound:f}"
    # Bounds of 0.0 are written as -0.0 and 0.0.
    return repr(bound + 0.0) if isinstance(bound, float) else str(bound)
