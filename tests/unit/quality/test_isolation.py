"""What an audit leaves alone: the network, the terminal, the caller's connection, start-up time."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import CursorResult
from sqlalchemy.exc import DBAPIError

from assay.domain import CheckStatus, TableVersion
from assay.errors import QualityError
from assay.quality import load_suite, run_suite
from assay.quality.duckdb_dialect import create_engine

from .conftest import CHECKED_AT, TABLE, Run, WriteSuite, audit

ENTRIES = (
    {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "order_id"}},
    {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "gone"}},
)


def _import_in_a_new_process(statement: str, asked: str) -> str:
    code = f"import sys; {statement}; print(sorted({asked} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


def test_importing_the_package_imports_no_gx() -> None:
    heavy = "{'great_expectations', 'sqlalchemy', 'pandas', 'duckdb_engine'}"
    assert _import_in_a_new_process("import assay.quality", heavy) == "[]"


def test_preload_imports_gx_and_opens_nothing() -> None:
    statement = "import assay.quality; assay.quality.preload()"
    wanted = "{'great_expectations', 'duckdb_engine', 'posthog'}"
    assert _import_in_a_new_process(statement, wanted) == "['duckdb_engine', 'great_expectations']"


def test_no_connection_leaves_the_process(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    statuses = [each.status for each in run(*ENTRIES)]
    assert (statuses, tried) == ([CheckStatus.PASSED, CheckStatus.ERRORED], [])


def test_nothing_is_printed_or_logged(
    run: Run, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    run(*ENTRIES)
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])


def test_audits_follow_each_other_on_one_connection(
    connection: duckdb.DuckDBPyConnection,
    orders: Path,
    expectations: Path,
    write_suite: WriteSuite,
) -> None:
    write_suite(*ENTRIES)
    suite = load_suite(expectations, "shop", TABLE)
    first, second, again = (audit(connection, orders, suite, version) for version in (0, 1, 0))
    assert first == again
    assert [each.version for each in second] == [1, 1]


def test_the_connection_and_its_transaction_stay_the_callers(
    connection: duckdb.DuckDBPyConnection, run: Run
) -> None:
    connection.execute("create table kept (id int)")
    connection.execute("begin")
    connection.execute("insert into kept values (1)")
    run(ENTRIES[0])
    connection.execute("rollback")
    assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_an_audit_leaves_nothing_behind(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    run(*ENTRIES)
    names = connection.execute(
        "select table_name from information_schema.tables order by all"
    ).fetchall()
    assert names == [("fct_orders",)]


def test_a_table_is_never_fetched_whole(connection: duckdb.DuckDBPyConnection) -> None:
    with create_engine(connection).connect() as engine:
        with pytest.raises(DBAPIError, match="more than 100,000 rows"):
            engine.exec_driver_sql("select * from range(100001)").fetchall()
        assert len(engine.exec_driver_sql("select * from range(100000)").fetchall()) == 100_000


def _one_by_one(result: CursorResult[Any]) -> int:
    return sum(1 for _ in result)


def _one_after_the_other(result: CursorResult[Any]) -> int:
    return sum(1 for _ in iter(result.fetchone, None))


def _in_parts(result: CursorResult[Any]) -> int:
    return sum(map(len, result.partitions(30_000)))


@pytest.mark.parametrize("read", [_one_by_one, _one_after_the_other, _in_parts])
def test_a_result_that_was_cut_does_not_seem_to_end(
    connection: duckdb.DuckDBPyConnection, read: Callable[[CursorResult[Any]], int]
) -> None:
    with create_engine(connection).connect() as engine:
        with pytest.raises(DBAPIError, match="more than 100,000 rows"):
            read(engine.exec_driver_sql("select * from range(100001)"))
        assert read(engine.exec_driver_sql("select * from range(100000)")) == 100_000


def test_of_a_result_that_was_cut_the_first_rows_can_be_read(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with create_engine(connection).connect() as engine:
        result = engine.exec_driver_sql("select * from range(200000)")
        assert (result.fetchone(), len(result.fetchmany(99_999))) == ((0,), 99_999)
        with pytest.raises(DBAPIError, match="more than 100,000 rows"):
            result.fetchone()


def test_a_table_that_is_not_there_is_refused(
    connection: duckdb.DuckDBPyConnection, expectations: Path, write_suite: WriteSuite
) -> None:
    write_suite(ENTRIES[0])
    suite = load_suite(expectations, "shop", TABLE)
    with pytest.raises(QualityError, match=r"gold\.fct_orders cannot be audited"):
        run_suite(
            connection,
            "gold.fct_orders",
            suite,
            run_id="run-1",
            product="shop",
            table_version=TableVersion(TABLE, 3),
            row_count=0,
            checked_at_utc=CHECKED_AT,
        )
