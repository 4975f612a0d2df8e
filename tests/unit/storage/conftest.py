"""A folder of Delta tables, and the connection that writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from delta_tables import Tables

from assay.storage import open_connection


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_connection(threads="1") as opened:
        yield opened


@pytest.fixture
def tables(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Tables:
    return Tables(tmp_path, connection)
