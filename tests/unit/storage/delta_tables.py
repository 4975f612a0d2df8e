"""Delta tables in a folder, written from SQL and looked at as files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assay.storage import (
    WriteMode,
    WriteRequest,
    WriteResult,
    scan,
    write_table,
)

Rows = list[tuple[object, ...]]


@dataclass
class Tables:
    """Delta tables in one folder, written from SQL."""

    folder: Path
    connection: duckdb.DuckDBPyConnection

    def path(self, name: str = "t") -> Path:
        return self.folder / name

    def write(
        self,
        query: str,
        mode: WriteMode = WriteMode.OVERWRITE,
        base: int | None = None,
        keys: tuple[str, ...] = (),
        name: str = "t",
        guard: Callable[[], None] = lambda: None,
    ) -> WriteResult:
        request = WriteRequest(
            self.path(name), f"gold.{name}", f"({query})", mode, base, guard, keys
        )
        return write_table(self.connection, request)

    def read(self, version: int, name: str = "t", where: str = "true") -> Rows:
        relation = scan(str(self.path(name)), version)
        return self.connection.execute(f"from {relation} where {where} order by all").fetchall()

    def log(self, version: int, name: str = "t") -> list[dict[str, dict[str, object]]]:
        text = (self.path(name) / "_delta_log" / f"{version:020d}.json").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def statistics(self, version: int = 0, name: str = "t") -> list[dict[str, object]]:
        adds = [entry["add"] for entry in self.log(version, name) if "add" in entry]
        return [json.loads(str(add["stats"]), parse_constant=_refuse) for add in adds]

    def operation(self, version: int, name: str = "t") -> object:
        return next(e["commitInfo"] for e in self.log(version, name) if "commitInfo" in e)[
            "assay.operation"
        ]


def _refuse(constant: str) -> object:
    raise AssertionError(f"{constant} is not JSON")
