"""One full build of a table: the rows of a Parquet file, written by one contender.

Prints a JSON line: rows, and what the build alone took, without imports and opening.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

Build = Callable[[], int]
CODEC = "snappy"


def main() -> None:
    """Build once, as a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--memory-limit", default="")
    given = parser.parse_args()
    build = CONTENDERS[given.contender](given.source, given.target, given.memory_limit)
    print(json.dumps(timed(build)))


def timed(build: Build) -> dict[str, float]:
    """Build, and say what it took: rows, CPU seconds, wall seconds."""
    wall, before = time.perf_counter(), _cpu()
    rows = build()
    return {"rows": rows, "cpu": _cpu() - before, "wall": time.perf_counter() - wall}


def _floor(source: Path, target: Path, memory_limit: str) -> Build:
    import duckdb

    connection = duckdb.connect()
    if memory_limit:
        connection.execute(f"set memory_limit = '{memory_limit}'")
    target.mkdir(parents=True)

    def build() -> int:
        query = f"copy (from read_parquet('{source}')) to '{target}/rows.parquet'"
        found = connection.execute(f"{query} (format parquet, compression {CODEC})").fetchone()
        return int(found[0]) if found else 0

    return build


def _assay(source: Path, target: Path, memory_limit: str, *, is_checked: bool = False) -> Build:
    from assay.storage import TableSpec, WriteMode, WriteRequest, open_connection, write_table

    connection = open_connection(memory_limit)
    checks = {"amount": "amount >= 0", "quantity": "quantity between 0 and 100"}
    spec = TableSpec(codec=CODEC)
    if is_checked:
        spec = TableSpec(codec=CODEC, not_null=("id", "account"), checks=checks)
    request = WriteRequest(
        path=target,
        table="t",
        relation=f"read_parquet('{source}')",
        mode=WriteMode.OVERWRITE,
        base_version=None,
        guard=lambda: None,
        spec=spec,
    )
    return lambda: write_table(connection, request).rows


def _assay_checked(source: Path, target: Path, memory_limit: str) -> Build:
    return _assay(source, target, memory_limit, is_checked=True)


def _delta_rs(source: Path, target: Path, _: str) -> Build:
    """As its documentation has it for data larger than memory: a stream of record batches."""
    import pyarrow.dataset
    from deltalake import WriterProperties, write_deltalake

    def build() -> int:
        dataset = pyarrow.dataset.dataset(source)
        properties = WriterProperties(compression=CODEC.upper())
        write_deltalake(target, dataset.scanner().to_reader(), writer_properties=properties)
        return int(dataset.count_rows())

    return build


def _polars(source: Path, target: Path, _: str) -> Build:
    import polars
    from deltalake import WriterProperties

    def build() -> int:
        rows = polars.read_parquet(source)
        properties = WriterProperties(compression=CODEC.upper())
        rows.write_delta(target, delta_write_options={"writer_properties": properties})
        return rows.height

    return build


def _polars_stream(source: Path, target: Path, _: str) -> Build:
    import polars

    def build() -> int:
        rows = polars.scan_parquet(source)
        rows.sink_delta(target)
        return int(rows.select(polars.len()).collect().item())

    return build


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


CONTENDERS: dict[str, Callable[[Path, Path, str], Build]] = {
    "floor": _floor,
    "assay": _assay,
    "assay-checked": _assay_checked,
    "delta-rs": _delta_rs,
    "polars": _polars,
    "polars-stream": _polars_stream,
}

if __name__ == "__main__":
    main()
