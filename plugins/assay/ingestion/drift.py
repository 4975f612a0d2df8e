"""What a producer delivered, compared column by column with what the contract says.

A difference is *breaking* where the delivery cannot be what the contract speaks of, and
*additive* where there is only more of it. Texts name columns, types and counts, never values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa
import pyarrow.csv

from assay.domain import Column, Contract
from assay.ingestion.landed_file import LandedFile
from assay.ingestion.readable import is_readable, name_kind
from assay.ingestion.row_count import open_rows

BREAKING = "breaking:"
ADDITIVE = "additive: not in the contract, not read"
# Fewer values say nothing of the producer: rows with a wrong one are quarantined.
ENOUGH_VALUES = 20
# The beginning of a file, read in blocks: in most the first one tells of all columns.
_BEGINNING_BYTES = 2 << 20
_FIRST_BYTES = 256 << 10
_SLICE_ROWS = 100


@dataclass
class _Values:
    """The values of one column that were seen before one could be read."""

    column: Column
    texts: list[str] = field(default_factory=list)
    count: int = 0
    has_readable: bool = False


def find_alike(columns: Sequence[str], contract: Contract) -> dict[str, str]:
    """Pair missing columns with delivered ones that may be them under another name.

    They are where the names differ in letter case and spaces only, or where an unknown column
    stands in the missing one's place and none has gone without another.
    """
    expected = [column.physical_name for column in contract.columns]
    extra = [name for name in columns if name not in expected]
    folded = {name.strip().casefold(): name for name in extra}
    alike: dict[str, str] = {}
    is_as_wide = len(columns) >= len(expected)
    for position, name in enumerate(expected):
        if name in columns:
            continue
        at_place = columns[position] if is_as_wide else ""
        found = folded.get(name.casefold(), at_place if at_place in extra else "")
        if found and found not in alike.values():
            alike[name] = found
    return alike


def compare_columns(columns: Sequence[str], contract: Contract) -> dict[str, str]:
    """Say of each column that is missing or too many what the difference is."""
    expected = {column.physical_name: column for column in contract.columns}
    alike = find_alike(columns, contract)
    found = {}
    for name, column in expected.items():
        if name not in columns:
            place = f"; '{alike[name]}' may be it under another name" if name in alike else ""
            found[name] = f"{BREAKING} missing, expected {column.data_type}{place}"
    for name in columns:
        if name not in expected:
            found[name] = ADDITIVE
    return found


def name_columns(columns: Collection[str]) -> str:
    """Write which columns a sentence is about: ``column 'a'``, or ``columns 'a', 'b'``."""
    return f"{'columns' if len(columns) > 1 else 'column'} {quote_names(columns)}"


def quote_names(columns: Iterable[str]) -> str:
    """Write columns as a sentence lists them, on one line: ``'a', 'b'``."""
    return ", ".join(f"'{' '.join(column.splitlines())}'" for column in columns)


def describe_unread(columns: Collection[str], contract: Contract) -> str:
    """Say of columns that a delivery has and its contract has not that they are left out."""
    verb = "are" if len(columns) > 1 else "is"
    return (
        f"{name_columns(columns)} {verb} not in the contract and {verb} not read; add what is"
        f" wanted to {contract.path}"
    )


def compare_types(file: LandedFile, contract: Contract, delimiter: str) -> dict[str, str]:
    """Say of each column that has values, of which none can be read as its type.

    The file has every column of the contract, and rows of one width. Its beginning is read; the
    whole only for columns without a readable value there.
    """
    typed = {c.physical_name: c for c in contract.columns if c.data_type != "varchar"}
    if not typed:
        return {}
    suspects = [each.column for each in _look_at_beginning(file, typed, contract, delimiter)]
    if not suspects:
        return {}
    typed = {column.physical_name: column for column in suspects}
    whole = open_rows(file.path, delimiter, tuple(typed), has_quotes=file.lines.has_quotes)
    return {
        each.column.physical_name: f"{BREAKING} delivered as {name_kind(each.texts)}, expected"
        f" {each.column.data_type}; none of {each.count:,} values can be read"
        for each in _look(whole, typed, contract)
    }


def _look_at_beginning(
    file: LandedFile, typed: Mapping[str, Column], contract: Contract, delimiter: str
) -> list[_Values]:
    def look(block_bytes: int) -> list[_Values]:
        blocks = open_rows(
            file.path,
            delimiter,
            tuple(typed),
            has_quotes=file.lines.has_quotes,
            block_bytes=block_bytes,
        )
        return _look(islice(blocks, _BEGINNING_BYTES // block_bytes), typed, contract)

    try:
        return look(_FIRST_BYTES)
    except pa.ArrowInvalid:
        # A row that fits into no smaller block.
        return look(_BEGINNING_BYTES)


def _look(
    batches: Iterable[pa.RecordBatch], typed: Mapping[str, Column], contract: Contract
) -> list[_Values]:
    """Return the columns with values enough of which none can be read."""
    seen = {name: _Values(column) for name, column in typed.items()}
    for batch in batches:
        for name, values in seen.items():
            if not values.has_readable:
                _take(values, batch.column(name), contract.null_texts)
        if all(values.has_readable for values in seen.values()):
            break
    return [v for v in seen.values() if not v.has_readable and v.count >= ENOUGH_VALUES]


def _take(values: _Values, texts: pa.StringArray, null_texts: Sequence[str]) -> None:
    for text in _texts(texts):
        if text in null_texts:
            continue
        if is_readable(text, values.column.data_type):
            values.has_readable = True
            return
        values.count += 1
        if len(values.texts) < ENOUGH_VALUES:
            values.texts.append(text)


def _texts(texts: pa.StringArray) -> Iterator[str]:
    for start in range(0, len(texts), _SLICE_ROWS):
        yield from texts.slice(start, _SLICE_ROWS).to_pylist()
