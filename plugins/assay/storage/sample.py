"""Some rows of a table's version, for what costs too much of all."""

from __future__ import annotations

from pathlib import Path

from assay.storage.connection import scan
from assay.storage.tables import column_types, file_actions, open_table

# As many rows as DuckDB handles at once: of a run that it passes over it decodes little.
_RUN_ROWS = 2048
# What DuckDB knows of every row that it reads, unless a table has columns of these names.
_PLACE = {"filename", "file_row_number"}
_FEW_FILES = 8


def scan_sample(path: Path, version: int, one_in: int) -> str:
    """Write the SQL that reads, of every so many runs of 2,048 rows of a file, one run.

    Which one is drawn by lot, so that nothing that recurs is met at one place only; what is
    sorted is met at all its heights; and the same version gives the same rows each time. Of a
    file with fewer runs there is one at times. A table with columns called as DuckDB calls a
    row's place is read whole.

    Raises:
        StorageError: there is no such version.
    """
    rows = scan(str(path), version)
    if _PLACE & {name.lower() for name, _ in column_types(path, version)}:
        return rows
    run = f"file_row_number // {_RUN_ROWS}"
    # Of files with a run or two the lots must differ. Few files have more, and a file's name
    # with each row costs as much as all the rest.
    files = file_actions(open_table(path, version)).num_rows
    file = "filename, " if files > _FEW_FILES else ""
    lot = f"hash({file}{run} // {one_in}) % {one_in}"
    return f"(select * from {rows} where {run} % {one_in} = {lot})"
