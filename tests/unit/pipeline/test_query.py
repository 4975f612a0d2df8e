"""A person's query reads, and cannot do anything else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from assay.errors import ReleaseError
from assay.pipeline.query import confine
from assay.pipeline.query_check import check_is_reading


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "from range(3)",
        "with a as (select 1) from a",
        "values (1), (2)",
        "table x",
        "describe x",
        "show all tables",
        "summarize x",
        "select 1;",
        "pivot x on y using count(*)",
        "explain select 1",
        "EXPLAIN ANALYZE from x",
        "explain (format json) select 1",
        "-- why\nselect ';'",
    ],
)
def test_reading_statements_pass(query: str) -> None:
    check_is_reading(query)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("copy (select 1) to 'x'", "a COPY statement was given"),
        ("explain analyze copy (select 1) to 'x'", "a COPY statement was given"),
        ("explain explain analyze copy (select 1) to 'x'", "syntax error"),
        ("/**/ explain analyze copy (select 1) to 'x'", "EXPLAIN has to stand first"),
        ("insert into x values (1)", "an? INSERT statement was given"),
        ("create table x as select 1", "a CREATE statement was given"),
        ("attach 'x.db'", "an? ATTACH statement was given"),
        ("install httpfs", "a LOAD statement was given"),
        ("set threads = 1", "a SET statement was given"),
        ("call pragma_version()", "a CALL statement was given"),
        ("select 1; select 2", "2 statements were given"),
        ("create type t as enum ('a'); select 1", "2 statements were given"),
        ("", "no statement was given"),
        ("-- nothing", "no statement was given"),
        ("selec", "syntax error"),
    ],
)
def test_everything_else_is_refused(query: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        check_is_reading(query)


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("from delta_scan('lake/tables/gold/x')", "delta_scan"),
        ("select (select max(n) from read_parquet('x'))", "read_parquet"),
        ("with a as (from glob('*')) select 1", "glob"),
        ("from gold.a join 'x.parquet' using (n)", "'x.parquet'"),
        ("describe from read_csv('x')", "read_csv"),
        ("explain from read_text('x')", "read_text"),
        ("from query('select 1')", "query"),
        ("pivot (from delta_scan('x')) on y using count(*)", "delta_scan"),
        ("pivot 'x.parquet' on y using count(*)", "a file"),
        ("pivot (from gold.a, 'x.csv') on y using count(*)", "a file"),
    ],
)
def test_files_are_not_for_queries(query: str, source: str) -> None:
    with pytest.raises(ReleaseError, match=f"the query reads {source}: expected tables by name"):
        check_is_reading(query)


@pytest.mark.parametrize(
    "query",
    [
        "from gold.a, unnest(tags) as t(tag), generate_series(1, 3)",
        "select * from duckdb_columns() where table_name like '%.csv'",
        "pivot gold.a on y in ('1.5', 'a/b') using sum(n)",
        "select 'from delta_scan(x)' as text from memory.gold.a",
    ],
)
def test_tables_and_functions_that_read_no_file_pass(query: str) -> None:
    check_is_reading(query)


def test_a_confined_connection_reads_one_folder_and_stays_so(tmp_path: Path) -> None:
    inside, outside = tmp_path / "tables", tmp_path / "tables-of-others"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.csv").write_text("n\n1\n")
    with duckdb.connect(":memory:") as connection:
        confine(connection, str(inside))
        assert connection.execute(f"from '{inside}/a.csv'").fetchall() == [(1,)]
        for statement in (
            f"from read_csv('{outside}/a.csv')",
            f"from read_csv('{inside}/../tables-of-others/a.csv')",
            f"from glob('{outside}/*')",
            "set enable_external_access = true",
            "set allowed_directories = ['/']",
            "install httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
