"""One merge of new rows into a table that is there, by one contender.

Nine of ten new rows have a key that is there. Prints a JSON line: rows in the table, and what the
merge alone took, without imports and opening.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.delta_builds import CODEC, Build, timed
from benchmarks.delta_source import source_query

NEW_ROWS = 100_000
KEYS = ("recent", "spread")


def main() -> None:
    """Merge once, or make what is merged into what: a process of its own."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("cache", type=Path)
    making.add_argument("rows", type=int)
    merging = commands.add_parser("merge")
    merging.add_argument("contender", choices=CONTENDERS)
    merging.add_argument("new", type=Path)
    merging.add_argument("table", type=Path)
    given = parser.parse_args()
    if given.command == "make":
        make_table(given.cache, given.rows)
        for keys in KEYS:
            make_new_rows(given.cache, given.rows, keys)
    else:
        print(json.dumps(timed(CONTENDERS[given.contender](given.new, given.table))))


def table_path(cache: Path, rows: int) -> Path:
    """Where the table of a size is kept."""
    return cache / f"table-1-{rows}"


def new_rows_path(cache: Path, rows: int, keys: str) -> Path:
    """Where the rows to merge into a table of a size are kept."""
    return cache / f"new-1-{NEW_ROWS}-{keys}-{rows}.parquet"


def make_table(cache: Path, rows: int) -> None:
    """Build a table as dbt's first build of a model with a unique key does, unless it is there."""
    path = table_path(cache, rows)
    if path.exists():
        return
    from assay.pipeline.write_config import MERGED_FILE_SIZE
    from assay.storage import TableSpec, WriteMode, WriteRequest, open_connection, write_table

    cache.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    shutil.rmtree(draft, ignore_errors=True)
    spec = TableSpec(codec=CODEC, file_size=MERGED_FILE_SIZE)
    query = f"({source_query(0, rows)})"
    request = WriteRequest(draft, "t", query, WriteMode.OVERWRITE, None, lambda: None, spec=spec)
    write_table(open_connection(), request)
    draft.replace(path)


def make_new_rows(cache: Path, rows: int, keys: str) -> None:
    """Write the rows to merge into a table of ``rows`` rows, unless they are there."""
    path = new_rows_path(cache, rows, keys)
    if not path.exists():
        updates = NEW_ROWS * 9 // 10
        step = rows // updates
        first = rows - updates if keys == "recent" else 0
        key = "id" if keys == "recent" else f"(id * {step})"
        changed = f"select * replace ({key} as id, (amount + 1)::decimal(12, 2) as amount)"
        query = f"{changed} from ({source_query(first, first + updates)}) union all"
        query += f" {source_query(rows, rows + NEW_ROWS - updates)}"
        draft = path.with_suffix(".part")
        duckdb.execute(f"copy ({query}) to '{draft}' (format parquet)")
        draft.replace(path)


def _assay(new: Path, table: Path, *, method: str = "") -> Build:
    from assay.pipeline.write_config import MERGED_FILE_SIZE
    from assay.storage import (
        MergeRules,
        TableSpec,
        WriteMode,
        WriteRequest,
        current_version,
        open_connection,
        write_table,
    )

    request = WriteRequest(
        path=table,
        table="t",
        relation=f"read_parquet('{new}')",
        mode=WriteMode.MERGE,
        base_version=current_version(table),
        guard=lambda: None,
        keys=("id",),
        spec=TableSpec(codec=CODEC, file_size=MERGED_FILE_SIZE),
        merge=MergeRules(method=method),
    )
    connection = open_connection()
    return lambda: write_table(connection, request).rows


def _assay_rewrite(new: Path, table: Path) -> Build:
    return _assay(new, table, method="rewrite")


def _rewrite(new: Path, table: Path) -> Build:
    """All rows anew by plain DuckDB, to Parquet, without a commit."""
    connection = duckdb.connect()

    def merge() -> int:
        rows = f"from read_parquet('{table}/*.parquet') as old anti join"
        rows += f" read_parquet('{new}') as new on old.id = new.id"
        query = f"select * {rows} union all from read_parquet('{new}')"
        target = table / "_rewritten.parquet"
        found = connection.execute(
            f"copy ({query}) to '{target}' (format parquet, compression {CODEC})"
        ).fetchone()
        return int(found[0]) if found else 0

    return merge


def _delta_rs(new: Path, table: Path) -> Build:
    import pyarrow.parquet
    from deltalake import DeltaTable, WriterProperties

    target = DeltaTable(table)

    def merge() -> int:
        rows = pyarrow.parquet.read_table(new)
        # Its default, a stream, looks into every file.
        merger = target.merge(
            rows,
            "old.id = new.id",
            source_alias="new",
            target_alias="old",
            streamed_exec=False,
            writer_properties=WriterProperties(compression=CODEC.upper()),
        )
        merger.when_matched_update_all().when_not_matched_insert_all().execute()
        return int(sum(target.get_add_actions(flatten=True).column("num_records").to_pylist()))

    return merge


CONTENDERS: dict[str, Callable[[Path, Path], Build]] = {
    "rewrite": _rewrite,
    "assay": _assay,
    "assay-rewrite": _assay_rewrite,
    "delta-rs": _delta_rs,
}

if __name__ == "__main__":
    main()
