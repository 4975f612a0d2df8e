"""Rows to write: ten columns of the usual types, the same rows for the same number each time."""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

_COLUMNS = """
    i as id,
    (hash(i) % 500_000)::integer as account,
    'item ' || hash(i + 1) % 2_000 as product,
    ['north', 'east', 'south', 'west', null][(hash(i + 2) % 5)::integer + 1] as region,
    (hash(i + 3) % 1_000_000 / 100)::decimal(12, 2) as amount,
    (hash(i + 4) % 1_000_000) / 997.0::double as score,
    (hash(i + 5) % 100)::integer as quantity,
    hash(i + 6) % 3 = 0 as is_paid,
    date '2020-01-01' + (i // 20_000)::integer as day,
    timestamp '2020-01-01' + to_seconds(i * 4) as happened_at
"""


def source_query(first: int, last: int) -> str:
    """Write the query of the rows with ids from ``first`` up to, not with, ``last``."""
    return f"select {_COLUMNS} from (select range as i from range({first}, {last}))"


def source_path(cache: Path, rows: int) -> Path:
    """Where the rows of a size are kept."""
    return cache / f"rows-1-{rows}.parquet"


def make_source(cache: Path, rows: int) -> Path:
    """Write the rows of a size to a Parquet file unless it is there."""
    path = source_path(cache, rows)
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        duckdb.execute(f"copy ({source_query(0, rows)}) to '{draft}' (format parquet)")
        draft.replace(path)
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("rows", type=int)
    given = parser.parse_args()
    make_source(given.cache, given.rows)
