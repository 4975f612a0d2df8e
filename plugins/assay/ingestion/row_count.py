"""Counts a landed file's rows, with a reader of its own: pyarrow, not the one that loads them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from assay.ingestion.line_scan import LineScan

# A row must fit into one block; see line_scan.MAX_ROW_BYTES.
BLOCK_BYTES = 4 << 20


@dataclass(frozen=True)
class RowCount:
    """How many data rows a file has, or the number (from 1) and problem of the first wrong one."""

    rows: int
    problem: str = ""
    wrong_row: int = 0

    def describe_problem(self, lines: LineScan) -> str:
        """Say what is wrong in which row, and in which line where each line is a row."""
        has_line_a_row = not (lines.has_quotes or lines.empty_lines)
        line = f" (line {self.wrong_row + 1})" if has_line_a_row else ""
        row = f"data row {self.wrong_row}{line} " if self.wrong_row else ""
        return f"{row}{self.problem}"


def read_header(path: Path, delimiter: str) -> tuple[str, ...]:
    """Return the columns that a file names, as delivered; without a byte order mark.

    Raises:
        ValueError: the header cannot be taken apart.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        try:
            return tuple(next(csv.reader(handle, delimiter=delimiter, strict=True)))
        except csv.Error as error:
            raise ValueError(f"the header cannot be read: {error}") from error


def open_rows(
    path: Path,
    delimiter: str,
    columns: tuple[str, ...],
    *,
    has_quotes: bool,
    block_bytes: int = BLOCK_BYTES,
) -> pa.csv.CSVStreamingReader:
    """Open a file of whole rows as a stream of some of its columns, as texts, a block a batch.

    Raises:
        pyarrow.ArrowInvalid: a row does not fit into a block; later ones raise when read.
    """
    return pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=block_bytes),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=has_quotes),
        convert_options=pa.csv.ConvertOptions(
            include_columns=list(columns), column_types=dict.fromkeys(columns, pa.string())
        ),
    )


def count_rows(
    path: Path, columns: tuple[str, ...], delimiter: str, *, has_quotes: bool
) -> RowCount:
    """Count data rows, each of which must have as many fields as the header.

    Empty lines are no rows. Memory is bounded: the file is streamed, and only its first column
    is kept, as bytes. Quoted line breaks are looked for only where the file has quotes.
    """
    wrong: list[pa.csv.InvalidRow] = []

    def stop_at(row: pa.csv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    try:
        reader = pa.csv.open_csv(
            path,
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
            parse_options=pa.csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=has_quotes,
                invalid_row_handler=stop_at,
            ),
            convert_options=pa.csv.ConvertOptions(
                check_utf8=False,
                include_columns=[columns[0]],
                column_types={columns[0]: pa.binary()},
            ),
        )
        return RowCount(sum(batch.num_rows for batch in reader))
    except pa.ArrowInvalid:
        if not wrong:
            # The error's own text would quote the row: it stays out.
            return RowCount(0, "cannot be taken apart into fields")
        found, expected = wrong[0].actual_columns, wrong[0].expected_columns
        amount = "too few" if found < expected else "too many"
        fields = "1 field" if found == 1 else f"{found} fields"
        problem = f"has {fields}, {amount}: the header has {expected}"
        return RowCount(0, problem, wrong[0].number - 1)
