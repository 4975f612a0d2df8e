"""Tries the SQL of a contract's rules before any run does, on rows that hold nothing."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assay.domain import quote_name
from assay.errors import first_paragraph
from assay.quality.statements import find_statement_fault
from assay.quality.suite import Expectation

if TYPE_CHECKING:
    import duckdb

_FIGURES = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN")


# What SQL writes without brackets, and DuckDB's function for it.
_IN_SQL = {
    "current_timestamp": "get_current_timestamp",
    "localtimestamp": "get_current_timestamp",
    "current_time": "get_current_time",
    "localtime": "get_current_time",
}


class RuleTrial:
    """A table of two rows of NULLs, on which rules are tried."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        self._connection = connection
        self._table = table
        self._columns = connection.sql(f"select * from {table}").columns

    def find_predicate_fault(self, predicate: str) -> str:
        """Say why a predicate tells nothing of a row; empty where it does."""
        # In a WHERE clause stands what one row answers: no aggregate, no window.
        fault = self._find_fault(f"select 1 from {self._table} where ({predicate}) is false")
        if fault:
            return fault
        if fleeting := self._find_fleeting(predicate):
            came_in = "_ingested_at" in self._columns
            hint = "; the time at which a row came in is its _ingested_at" if came_in else ""
            return (
                f"{fleeting} gives another answer each time it is asked, and a rule is asked more"
                f" than once{hint}"
            )
        kind = self._type_of(f"select ({predicate}) from {self._table}")
        return "" if kind == "BOOLEAN" else f"it is of the type {kind}: expected true or false"

    def find_query_fault(self, expectation: Expectation, *, is_figure: bool) -> str:
        """Say why an expectation's query cannot run; empty where it can.

        A figure that does not exist of these rows, such as the logarithm of their number of
        different values, may exist of others.

        Args:
            is_figure: its one column is the figure that a rule holds to an operator.
        """
        query = expectation.query_on(self._table)
        fault = self._find_fault(query, may_be_out_of_range=True)
        if fault or not is_figure:
            return fault
        kind = self._type_of(query)
        if _FIGURES.fullmatch(kind):
            return ""
        return f"its figure is of the type {kind}: expected a number, true or false"

    def _find_fault(self, query: str, *, may_be_out_of_range: bool = False) -> str:
        import duckdb

        if fault := find_statement_fault(query):
            return fault
        try:
            self._connection.execute(query).fetchall()
        except duckdb.Error as error:
            if may_be_out_of_range and isinstance(error, duckdb.OutOfRangeException):
                return ""
            return first_paragraph(error).replace(self._table, "<the table>")
        return ""

    def _find_fleeting(self, predicate: str) -> str:
        """Name what in a predicate has an answer that does not follow from the row alone."""
        (text,) = self._connection.execute(
            "select json_serialize_sql(?)", [f"select ({predicate})"]
        ).fetchall()[0]
        columns = {name.lower() for name in self._columns}
        named = set()
        for node in _nodes(json.loads(text)):
            function, children = str(node.get("function_name") or "").lower(), node.get("children")
            if function == "age" and isinstance(children, list) and len(children) == 1:
                return "age() of one time"
            named.add(function)
            names = node.get("column_names") or [""]
            # A name that is no column's may be one of SQL's functions without brackets.
            named |= {str(names[0]).lower()} - columns if len(names) == 1 else set()
        found = self._connection.execute(
            "select min(function_name) from duckdb_functions()"
            " where stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')"
            " and list_contains(?, lower(function_name))",
            [sorted(named | {_IN_SQL[each] for each in named & _IN_SQL.keys()})],
        ).fetchall()
        return f"{found[0][0]}()" if found[0][0] else ""

    def _type_of(self, query: str) -> str:
        (described, *_) = self._connection.execute(f"describe {query}").fetchall()
        return str(described[1])


def _nodes(tree: object) -> Iterator[Mapping[str, Any]]:
    """List all objects of a JSON tree."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for each in tree:
            yield from _nodes(each)


@contextmanager
def open_trial(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]
) -> Iterator[RuleTrial]:
    """Open a trial of rules over these columns, by name with their DuckDB types.

    The connection reads no file any more: a rule speaks of its table alone.
    """
    # No rule can name it: it is new each time.
    table = f"trial_{secrets.token_hex(8)}"
    connection.execute("set enable_external_access = false")
    listed = ", ".join(f"null::{kind} as {quote_name(name)}" for name, kind in columns.items())
    connection.execute(f"create table {table} as select {listed} from range(2)")
    try:
        yield RuleTrial(connection, table)
    finally:
        connection.execute(f"drop table if exists {table}")
