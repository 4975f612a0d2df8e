"""What a CSV file suggests about its columns. Guesses are cautious; a person confirms them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assay.domain import quote_name
from assay.errors import SourceError
from assay.ingestion.landed_file import line_number, scan_file
from assay.ingestion.row_count import count_rows
from assay.storage import open_connection, quote_text

_DELIMITERS = (",", ";", "\t", "|")
_NULL_TEXTS = ("NA", "N/A", "n/a", "NULL", "null", "None", "nan", "NaN", "\\N", "-")
_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
# (logicalType, physicalType, what every text of such a column looks like, what it casts to).
# Numbers with leading zeros are codes, and stay texts.
_TYPES = (
    ("integer", "", r"-?(0|[1-9]\d{0,17})", "bigint"),
    ("number", "", r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?([eE][+-]?\d{1,2})?", "double"),
    ("boolean", "", r"true|false|TRUE|FALSE|True|False", "boolean"),
    ("date", "", _DAY, "date"),
    ("timestamp", "", _DAY + _CLOCK + r"(Z|[+-]\d{2}(:?\d{2})?)", "timestamptz"),
    ("timestamp", "timestamp", _DAY + _CLOCK, "timestamp"),
)
# All but the tab and the ends of lines.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class ColumnDraft:
    """A column as guessed. ``may_be_key``: every row of the file has a value, all different."""

    name: str
    physical_name: str
    logical_type: str
    physical_type: str = ""
    may_be_key: bool = False


@dataclass(frozen=True)
class TableDraft:
    """A table as guessed. ``sample`` names the file that it was guessed from, or is empty."""

    name: str
    columns: tuple[ColumnDraft, ...]
    null_texts: tuple[str, ...] = ("",)
    delimiter: str = ","
    sample: str = ""
    sample_rows: int = 0


def example_table(name: str) -> TableDraft:
    """Draft a table of which nothing is known but its name."""
    columns = (
        ColumnDraft("id", "id", "string"),
        ColumnDraft("name", "name", "string"),
        ColumnDraft("amount", "amount", "number"),
        ColumnDraft("observed_on", "observed_on", "date"),
    )
    return TableDraft(name, columns)


def guess_table(name: str, file: Path) -> TableDraft:
    """Draft a table from a CSV file: its header, and types that every row of it agrees with.

    Raises:
        SourceError: the file cannot be read as CSV with a header.
    """
    try:
        header, delimiter = _read_header(file)
        _require_readable(file, header, delimiter)
        columns, null_texts, rows = _inspect(file, header, delimiter)
    except (OSError, UnicodeDecodeError, csv.Error, duckdb.Error) as error:
        problem = str(error).splitlines()[0]
        todo = "give a UTF-8 file whose first line names its columns"
        raise _unreadable(file, problem, todo) from error
    return TableDraft(name, columns, null_texts, delimiter, file.name, rows)


def make_identifier(text: str) -> str:
    """Turn a source's name into a lower-case identifier: ``Order No.`` becomes ``order_no``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip())
    # A letter with an accent is that letter and the accent.
    plain = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFKD", words.casefold()))
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return name if name[:1].isalpha() else f"c_{name}".rstrip("_")


def _read_header(file: Path) -> tuple[list[str], str]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        first = lines.readline()
        if not first:
            raise csv.Error("it is empty")
        if _CONTROL.search(first):
            raise csv.Error(
                "its first line holds control characters, as in UTF-16 and binary files"
            )
        delimiter = max(_DELIMITERS, key=first.count)
        lines.seek(0)
        header = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    folded = [column.casefold() for column in header]
    if not header or not all(column.strip() for column in header):
        raise csv.Error("its first line does not name every column")
    for position, column in enumerate(header):
        if folded[position] in folded[:position]:
            raise csv.Error(
                f"its first line names a column twice, '{column}' (letter case does not count)"
            )
    return header, delimiter


def _require_readable(file: Path, header: Sequence[str], delimiter: str) -> None:
    """Refuse what landing would refuse, and what the reader that guesses may guess over."""
    found = scan_file(file, delimiter, is_final_line_break_optional=True)
    if found.defect:
        line = line_number(file, found.defect.offset)
        raise _unreadable(file, f"line {line} has {found.defect.problem}", found.defect.remedy)
    counted = count_rows(file, tuple(header), delimiter, has_quotes=found.lines.has_quotes)
    if counted.problem:
        todo = f"correct that row: a text that holds {delimiter!r} stands in double quotes"
        raise _unreadable(file, counted.describe_problem(found.lines), todo)


def _unreadable(file: Path, problem: str, todo: str) -> SourceError:
    return SourceError(f"{file.name} cannot be read as CSV: {problem}", where=str(file), todo=todo)


def _inspect(
    file: Path, header: Sequence[str], delimiter: str
) -> tuple[tuple[ColumnDraft, ...], tuple[str, ...], int]:
    names = [f"c{index}" for index in range(len(header))]
    with open_connection() as connection:
        listed = ", ".join(quote_text(name) for name in names)
        connection.execute(
            f"create table rows as from read_csv({quote_text(str(file))}, header = true,"
            f" names = [{listed}], delim = {quote_text(delimiter)}, all_varchar = true)"
        )
        rows = _number(connection, "count(*)")
        found = [_guess(connection, quote_name(name)) for name in names]
        columns = []
        taken: set[str] = set()
        for physical, name, (logical, physical_type, _) in zip(header, names, found, strict=True):
            cell = quote_name(name)
            distinct = _number(connection, f"count(distinct nullif({cell}, ''))")
            columns.append(
                ColumnDraft(
                    _unique(make_identifier(physical), taken),
                    physical,
                    logical,
                    physical_type,
                    may_be_key=rows > 0 and distinct == rows and logical in ("integer", "string"),
                )
            )
    nulls = sorted({text for _, _, texts in found for text in texts})
    return tuple(columns), ("", *nulls), rows


def _guess(connection: duckdb.DuckDBPyConnection, column: str) -> tuple[str, str, tuple[str, ...]]:
    """Find the narrowest type that every text of a column has, and the texts that stand for NULL.

    A text such as NA counts as absent only where the rest of the column is no text.
    """
    candidates = ", ".join(quote_text(text) for text in _NULL_TEXTS)
    present = f"{column} <> '' and {column} not in ({candidates})"
    values = _number(connection, f"count(*) filter ({present})")
    for logical, physical, pattern, cast in _TYPES:
        fits = f"regexp_full_match({column}, {quote_text(pattern)})"
        fitting = _number(
            connection,
            f"count(*) filter ({present} and {fits} and try_cast({column} as {cast}) is not null)",
        )
        if values and fitting == values:
            nulls = connection.execute(
                f"select distinct {column} from rows where {column} in ({candidates})"
            ).fetchall()
            return logical, physical, tuple(text for (text,) in nulls)
    return "string", "", ()


def _number(connection: duckdb.DuckDBPyConnection, expression: str) -> int:
    row = connection.execute(f"select {expression} from rows").fetchone()
    return int(row[0]) if row else 0


def _unique(name: str, taken: set[str]) -> str:
    chosen, count = name, 1
    while chosen in taken:
        count += 1
        chosen = f"{name}_{count}"
    taken.add(chosen)
    return chosen
