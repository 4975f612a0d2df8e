"""Rows that break a condition: all conditions of a suite are asked in one pass over the table.

Great Expectations would send a query for each, and read the table as often.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assay.quality.suite import Expectation
from assay.quality.validation import Outcome

if TYPE_CHECKING:
    import duckdb

# What a contract's row rules compile to. Anything else that counts rows is no condition alone.
_QUERY = re.compile(r"select \* from \{batch\} where \(.*\) is false", re.DOTALL)


def is_row_check(expectation: Expectation) -> bool:
    """Tell whether an expectation asks for the rows of its table for which a condition is false."""
    query = expectation.kwargs.get("unexpected_rows_query")
    return isinstance(query, str) and _QUERY.fullmatch(query) is not None


def check_rows(
    connection: duckdb.DuckDBPyConnection, relation: str, expectations: Sequence[Expectation]
) -> list[Outcome]:
    """Count the rows that break each expectation, in one pass; outcomes in the same order.

    One that DuckDB refuses there takes its neighbours with it: then each is asked by its own
    query, which may say more after its condition, such as an order.
    """
    import duckdb

    # A query that may end in a comment keeps it to itself.
    counts = ", ".join(
        f"count(*) filter (where ({_condition(each, relation)}\n))" for each in expectations
    )
    query = f"select count(*), {counts} from {relation}"
    try:
        rows, *found = connection.execute(query).fetchall()[0]
    except duckdb.Error:
        return [_check_alone(connection, relation, each) for each in expectations]
    return [_judge(rows, count) for count in found]


def _check_alone(
    connection: duckdb.DuckDBPyConnection, relation: str, expectation: Expectation
) -> Outcome:
    import duckdb

    breaking = f"select count(*) from ({expectation.query_on(relation)}\n)"
    query = f"select (select count(*) from {relation}), ({breaking})"
    try:
        rows, count = connection.execute(query).fetchall()[0]
    except duckdb.Error as error:
        return Outcome(False, {}, str(error))
    return _judge(rows, count)


def _judge(rows: int, count: int) -> Outcome:
    return Outcome(count == 0, {"element_count": rows, "unexpected_count": count})


def _condition(expectation: Expectation, relation: str) -> str:
    return expectation.query_on(relation).removeprefix(f"select * from {relation} where ")
