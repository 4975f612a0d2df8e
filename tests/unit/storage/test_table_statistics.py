"""Statistics of a table: the very values that a pass over it finds, or none."""

from __future__ import annotations

import pytest
from delta_tables import Tables
from deltalake import write_deltalake

from assay.domain import ColumnStatistics, TableStatistics
from assay.storage import WriteMode, quote_text, table_statistics


def counted(tables: Tables, version: int, column: str = "c") -> ColumnStatistics:
    """What a pass over the table finds."""
    rows = tables.connection.execute(
        f"select count(*) - count({column}), min({column})::varchar, max({column})::varchar"
        f" from delta_scan('{tables.path()}', version => {version})"
    ).fetchall()
    return ColumnStatistics(*rows[0])


def said(tables: Tables, version: int, column: str = "c") -> ColumnStatistics | None:
    """What the log says, with the bounds read as values of the column's type."""
    statistics = table_statistics(tables.path(), version)
    assert statistics is not None
    found = statistics.columns.get(column)
    if found is None:
        return None
    kind = tables.connection.execute(
        f"select typeof({column}) from delta_scan('{tables.path()}', version => {version})"
    ).fetchall()
    texts = ["null" if b is None else quote_text(b) for b in (found.minimum, found.maximum)]
    low, high = tables.connection.execute(
        "select " + ", ".join(f"cast({text} as {kind[0][0]})::varchar" for text in texts)
    ).fetchall()[0]
    return ColumnStatistics(found.nulls, low, high, found.has_bounds)


@pytest.mark.parametrize(
    "values",
    [
        "(3), (null), (-5)",
        "(9223372036854775807), (-9223372036854775807)",
        "(1.1::double), (1e300), (-0.0)",
        "(0.0::double), (-1e-300)",
        "(0.1::float), (16777217::float)",
        "(0.07::decimal(10, 2)), (12345678.9), (null)",
        "(99999999999999.9::decimal(15, 1))",
        "(date '0001-01-01'), ('9999-12-31')",
        "(timestamp '2013-01-01 00:00:00.123456'), ('2013-01-01 00:00:00.123999')",
        "(timestamptz '2013-01-01 01:00:00.000001+01'), ('1969-12-31 23:59:59.999999Z')",
        "('b'), ('a\"'''), ('🦆'), (null)",
        "(''), (repeat('é', 60))",
        "(null::date)",
        "(null::varchar)",
    ],
)
def test_statistics_are_what_a_pass_finds(tables: Tables, values: str) -> None:
    tables.write(f"select * from (values {values}) v(c)")
    assert said(tables, 0) == counted(tables, 0)


def test_files_are_taken_together(tables: Tables) -> None:
    tables.write("select 'm' as c, 5 as n, date '2013-05-05' as day")
    tables.write("select null::varchar as c, 7 as n, date '2013-01-01' as day", WriteMode.APPEND, 0)
    tables.write("select 'z' as c, -1 as n, null::date as day", WriteMode.APPEND, 1)
    assert table_statistics(tables.path(), 2) == TableStatistics(
        3,
        {
            "c": ColumnStatistics(1, "m", "z"),
            "n": ColumnStatistics(0, "-1", "7"),
            "day": ColumnStatistics(1, "2013-01-01", "2013-05-05"),
        },
    )
    assert table_statistics(tables.path(), 0) == TableStatistics(
        1,
        {
            "c": ColumnStatistics(0, "m", "m"),
            "n": ColumnStatistics(0, "5", "5"),
            "day": ColumnStatistics(0, "2013-05-05", "2013-05-05"),
        },
    )


@pytest.mark.parametrize(
    "value",
    [
        "'nan'::double",
        "'inf'::double",
        "true",
        "date 'infinity'",
        "timestamp '0044-03-15 (BC) 00:00:00'",
        "1234567890123456.7::decimal(38, 1)",
        "repeat('a', 128)",
        "repeat('a', 300)",
        "repeat('🦆', 32)",
    ],
)
def test_bounds_that_may_not_be_values_are_not_known(tables: Tables, value: str) -> None:
    tables.write(f"select {value} as c")
    assert said(tables, 0) == ColumnStatistics(0, None, None, has_bounds=False)


def test_one_file_without_bounds_leaves_them_unknown(tables: Tables) -> None:
    tables.write("select 1.5::double as c")
    tables.write("select 'nan'::double as c", WriteMode.APPEND, 0)
    assert said(tables, 1) == ColumnStatistics(0, None, None, has_bounds=False)


def test_columns_without_statistics_are_absent(tables: Tables) -> None:
    many = ", ".join(f"{n} as c{n}" for n in range(40))
    tables.write(f"select [1] as list, {{'a': 1}} as struct, {many}")
    found = table_statistics(tables.path(), 0)
    assert found is not None
    # The two nested columns count among the first 32 that the log keeps statistics of.
    assert list(found.columns) == [f"c{n}" for n in range(30)]


def test_a_table_without_rows_has_no_statistics(tables: Tables) -> None:
    tables.write("select 1 as c where false")
    assert table_statistics(tables.path(), 0) == TableStatistics(0, {})


def test_statistics_of_another_writer_are_not_taken(tables: Tables) -> None:
    tables.write("select 1::bigint as c")
    rows = tables.connection.execute("select 2::bigint as c").to_arrow_table()
    write_deltalake(str(tables.path()), rows, mode="append")
    assert table_statistics(tables.path(), 0) is not None
    assert table_statistics(tables.path(), 1) is None
