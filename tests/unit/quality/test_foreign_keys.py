"""Keys without a row elsewhere are counted under SQL's MATCH SIMPLE, and shown if allowed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from assay.domain import CheckResult, CheckStatus, Severity, TableRef, TableVersion
from assay.errors import QualityError
from assay.quality import Expectation, Suite, load_suite, run_suite

TABLE = TableRef.parse("gold.orders")
QUERY = (
    "select * from {batch} as here anti join silver.known as there"
    " on there.a = here.a and there.b = here.b where here.a is not null and here.b is not null"
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        found.execute("create schema silver")
        found.execute(
            "create table silver.known as select 1 as a, 'x' as b union all select 2, 'y'"
        )
        found.execute("insert into silver.known values (3, null), (1, 'x')")
        yield found


def check(
    connection: duckdb.DuckDBPyConnection, rows: str, query: str = QUERY, **meta: object
) -> CheckResult:
    connection.execute(f"create table audited as select * from (values {rows}) as rows(a, b)")
    meta = {"name": "known", "reads": ["silver.known"], "key": ["a", "b"], **meta}
    kwargs = {"unexpected_rows_query": query}
    kind = "unexpected_rows_expectation"
    each = Expectation("orders", kind, kwargs, Severity.WARNING, "all is known", meta)
    (result,) = run_suite(
        connection,
        "audited",
        Suite("orders", "shop", TABLE, (each,)),
        run_id="r",
        product="shop",
        table_version=TableVersion(TABLE, 0),
        row_count=1,
        checked_at_utc=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return result


def test_a_key_of_which_a_part_is_null_is_kept(connection: duckdb.DuckDBPyConnection) -> None:
    result = check(connection, "(1, 'x'), (1, 'x'), (9, null), (null, 'x'), (null, null)")
    assert (result.status, result.column) == (CheckStatus.PASSED, "a, b")


def test_orphans_are_counted_and_the_commonest_shown(connection: duckdb.DuckDBPyConnection) -> None:
    result = check(
        connection, "(9, 'z'), (1, 'y'), (9, 'z'), (3, 'x'), (2, 'y'), (4, '" + "w" * 90 + "')"
    )
    assert (result.status, result.unexpected_count) == (CheckStatus.FAILED, 5)
    assert result.observed == (
        "5 rows of 4 values without a row there, most often 9, z (2); 1, y (1); 3, x (1)"
    )


def test_of_a_protected_key_no_value_is_shown(connection: duckdb.DuckDBPyConnection) -> None:
    result = check(connection, "(9, 'z'), (8, 'z')", is_protected=True)
    assert result.observed == "2 rows of 2 values without a row there"
    assert "9" not in result.message.replace("known", "")


def test_an_unknown_table_is_errored(connection: duckdb.DuckDBPyConnection) -> None:
    result = check(connection, "(1, 'x')", QUERY.replace("silver.known", "silver.gone"))
    assert result.status is CheckStatus.ERRORED


@pytest.mark.parametrize(
    ("meta", "fault"),
    [
        ('{"reads": "silver.known"}', "'meta.reads' is not a list of names"),
        ('{"reads": ["known"]}', "'known' is not a table name"),
        ('{"key": [1]}', "'meta.key' is not a list of names"),
    ],
)
def test_a_suite_that_reads_no_table_is_refused(tmp_path: Path, meta: str, fault: str) -> None:
    path = tmp_path / "shop" / "orders.json"
    path.parent.mkdir()
    entry = f'{{"type": "unexpected_rows_expectation", "kwargs": {{}}, "meta": {meta}}}'
    path.write_text(f'{{"name": "orders", "expectations": [{entry}]}}', "utf-8")
    with pytest.raises(QualityError, match=fault):
        load_suite(tmp_path, "shop", TABLE)
