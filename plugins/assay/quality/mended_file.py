"""Quarantined rows as a CSV file: written for a person to mend, read back and checked.

The file is UTF-8 with commas. Columns: ``_load_id`` and ``_row_number`` say which row it is; the
table's columns hold its texts; ``_state`` and ``_rules_broken`` are for the reader's eyes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from assay.domain import RowPlace
from assay.errors import QuarantineError

KEY = ("_load_id", "_row_number")
NOTES = ("_state", "_rules_broken")
_MOST_PROBLEMS = 10
# As many digits as a number in the lake may have.
_NUMBER = re.compile(r"[0-9]{1,18}")
# A field as long as a row may be at landing; the csv module's own limit is 128 KiB.
_MOST_CHARACTERS = 2_000_000


@dataclass(frozen=True)
class MendedRow:
    """One row of a mended file. ``line`` is where it begins, as an editor counts."""

    line: int
    place: RowPlace
    values: Mapping[str, str]


@dataclass(frozen=True)
class FileProblem:
    """Something wrong in a mended file, where, without the value."""

    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        column = f", column '{self.column}'" if self.column else ""
        return f"line {self.line}{column}: {self.problem}"


def write_rows(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[tuple[RowPlace, Mapping[str, str], str, Sequence[str]]],
) -> None:
    """Write rows as (place, texts, state, rules broken).

    Raises:
        QuarantineError: the file cannot be written, or is there already.
    """
    with _open_new(path) as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([*KEY, *columns, *NOTES])
        for place, values, state, rules in rows:
            texts = (values[column] for column in columns)
            writer.writerow([place.load_id, place.row_number, *texts, state, ";".join(rules)])


@contextmanager
def _open_new(path: Path) -> Iterator[TextIO]:
    """Open a file that is not there yet; where writing it fails none is left.

    What is there and no file, such as a pipe, is written to.
    """
    is_new = path.is_file() or not path.exists()
    try:
        file = path.open("x" if is_new else "w", encoding="utf-8", newline="")
    except FileExistsError as error:
        raise QuarantineError(
            "the file is there already: it may hold texts that somebody mended",
            where=str(path),
            todo="choose another name, or remove it",
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with file:
            yield file
    except BaseException as error:
        if is_new:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise


def _unwritable(path: Path, error: OSError) -> QuarantineError:
    return QuarantineError(f"the file cannot be written: {error.strerror}", where=str(path))


def read_rows(path: Path) -> tuple[tuple[str, ...], list[MendedRow]]:
    """Read a mended file: its columns as the header names them, and its rows.

    Raises:
        QuarantineError: it is no such file; names line and column of all that is wrong.
    """
    text = _read_text(path)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    csv.field_size_limit(_MOST_CHARACTERS)
    header = _read_header(path, lines)
    rows: list[MendedRow] = []
    problems: list[FileProblem] = []
    for line, fields in _numbered(path, lines):
        row = _read_row(line, header, fields)
        if isinstance(row, MendedRow):
            rows.append(row)
        else:
            problems.append(row)
    problems += _find_repeated(rows)
    refuse(path, problems)
    if not rows:
        raise QuarantineError(
            "the file has a header and no rows", where=str(path), todo="nothing is to be repaired"
        )
    return header, rows


def check_columns(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    """Hold a file's header against the columns of its table.

    Raises:
        QuarantineError: columns are missing, or are none of the table's.
    """
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in (*KEY, *NOTES, *columns)]
    problems = [FileProblem(1, name, "is missing") for name in missing]
    problems += [FileProblem(1, name, "is no column of the table") for name in unknown]
    refuse(path, problems, "the columns are those of `assay quarantine export`")


def refuse(path: Path, problems: Sequence[FileProblem], todo: str = "") -> None:
    """Refuse a file for what is wrong in it, if anything is; all of it is told at once.

    Raises:
        QuarantineError: there are problems.
    """
    if not problems:
        return
    told = [str(each) for each in sorted(problems, key=lambda each: each.line)]
    more = [f"and {len(told) - _MOST_PROBLEMS} more"] if len(told) > _MOST_PROBLEMS else []
    raise QuarantineError(
        "the file cannot be taken, and nothing of it was:\n    "
        + "\n    ".join([*told[:_MOST_PROBLEMS], *more]),
        where=str(path),
        todo=todo or "correct these lines and give the file again",
    )


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QuarantineError(
            f"the file cannot be read: {error.strerror}",
            where=str(path),
            todo="name a file that `assay quarantine export` wrote",
        ) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise QuarantineError(
            f"line {line} has bytes that are not UTF-8 (byte {error.start:,})",
            where=str(path),
            todo="save the file as CSV in UTF-8 and give it again; nothing was taken",
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise QuarantineError(
            f"line {line} has a NUL character",
            where=str(path),
            todo="save the file as CSV in UTF-8 and give it again; nothing was taken",
        )
    return text


def _read_header(path: Path, lines: Iterator[list[str]]) -> tuple[str, ...]:
    header = tuple(next(_numbered(path, lines), (1, []))[1])
    problems = [FileProblem(1, name, "is missing") for name in KEY if name not in header]
    problems += [
        FileProblem(1, name, "stands more than once")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    is_semicolon = len(header) == 1 and header[0].startswith(f"{KEY[0]};")
    todo = "save it with commas: it has semicolons" if is_semicolon else ""
    refuse(path, problems, todo or "start from a file of `assay quarantine export`")
    return header


def _numbered(path: Path, lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line that it begins in; empty lines are no rows."""
    last: int = lines.line_num  # type: ignore[attr-defined]  # csv's reader has it
    try:
        for fields in lines:
            first, last = last + 1, lines.line_num  # type: ignore[attr-defined]
            if fields:
                yield first, fields
    except csv.Error as error:
        refuse(path, [FileProblem(last + 1, "", f"cannot be read as CSV ({error})")])


def _read_row(line: int, header: Sequence[str], fields: Sequence[str]) -> MendedRow | FileProblem:
    if len(fields) != len(header):
        return FileProblem(line, "", f"has {len(fields)} fields; the header has {len(header)}")
    values = dict(zip(header, fields, strict=True))
    number = values[KEY[1]]
    if not (_NUMBER.fullmatch(number) and int(number) > 0):
        return FileProblem(line, KEY[1], "is no row number: expected a whole number from 1")
    texts = {name: text for name, text in values.items() if name not in (*KEY, *NOTES)}
    return MendedRow(line, RowPlace(values[KEY[0]], int(number)), texts)


def _find_repeated(rows: Sequence[MendedRow]) -> list[FileProblem]:
    first: dict[RowPlace, int] = {}
    problems = []
    for row in rows:
        if row.place in first:
            problems.append(
                FileProblem(
                    row.line,
                    KEY[1],
                    f"row {row.place.row_number} of load {row.place.load_id} stands in line"
                    f" {first[row.place]} already",
                )
            )
        first.setdefault(row.place, row.line)
    return problems
