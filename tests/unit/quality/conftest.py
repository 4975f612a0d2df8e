"""Small Delta tables, and suites written as the files that a team would write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import duckdb_extension_delta
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from assay.domain import CheckResult, TableRef, TableVersion
from assay.quality import Suite, load_suite, run_suite

TABLE = TableRef.parse("gold.fct_orders")
CHECKED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

ROWS = pa.table(
    {
        "order_id": pa.array([1, 2, 3, 4], pa.int64()),
        "line": pa.array([1, 1, 1, 1], pa.int64()),
        "customer": ["Ada", "Bob", None, "Bob"],
        "status": ["open", "paid", "paid", "lost"],
        "amount": pa.array([10.0, 20.0, 30.0, 40.0], pa.float64()),
        "fee": pa.array([1.0, 2.0, 30.0, 50.0], pa.float64()),
        "ordered_on": [date(2026, 1, day) for day in (1, 2, 3, 4)],
    }
)

Check = Callable[..., CheckResult]
Run = Callable[..., list[CheckResult]]
WriteSuite = Callable[..., Path]


@pytest.fixture(scope="session")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Delta table: version 0 holds ROWS, version 1 only their first row."""
    path = tmp_path_factory.mktemp("lake") / "fct_orders"
    write_deltalake(str(path), ROWS)
    write_deltalake(str(path), ROWS.slice(0, 1), mode="overwrite")
    return path


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that can read Delta tables."""
    folder = Path(duckdb_extension_delta.__file__).parent
    extension = next(folder.rglob("delta.duckdb_extension"))
    with duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": "1"}) as opened:
        opened.execute(f"load '{extension}'")
        opened.execute("create schema gold")
        yield opened


@pytest.fixture
def expectations(tmp_path: Path) -> Path:
    return tmp_path / "expectations"


@pytest.fixture
def write_suite(expectations: Path) -> WriteSuite:
    """Write a suite's file from its entries; returns the path."""

    def write(*entries: Mapping[str, object], own: bool = False) -> Path:
        path = expectations / "shop" / ("fct_orders.own.json" if own else "fct_orders.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        name = "orders.own" if own else "orders"
        path.write_text(json.dumps({"name": name, "expectations": list(entries)}))
        return path

    return write


@pytest.fixture
def run(
    connection: duckdb.DuckDBPyConnection,
    orders: Path,
    expectations: Path,
    write_suite: WriteSuite,
) -> Run:
    """Write entries as a suite, load it, and run it at a version of the orders table."""

    def run_entries(*entries: Mapping[str, object], version: int = 0) -> list[CheckResult]:
        write_suite(*entries)
        return audit(connection, orders, load_suite(expectations, "shop", TABLE), version)

    return run_entries


@pytest.fixture
def check(run: Run) -> Check:
    """Run one expectation and return its result."""

    def check_one(kind: str, version: int = 0, **kwargs: object) -> CheckResult:
        (result,) = run({"type": kind, "kwargs": kwargs}, version=version)
        return result

    return check_one


def audit(
    connection: duckdb.DuckDBPyConnection, path: Path, suite: Suite, version: int
) -> list[CheckResult]:
    """Show one version of a Delta table as gold.fct_orders and run a suite on it."""
    connection.execute(
        "create or replace view gold.fct_orders as "
        f"select * from delta_scan('{path}', version => {version})"
    )
    return run_suite(
        connection,
        "gold.fct_orders",
        suite,
        run_id="run-1",
        product="shop",
        table_version=TableVersion(TABLE, version),
        row_count=4,
        checked_at_utc=CHECKED_AT,
    )
