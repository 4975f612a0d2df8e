"""Tries the SQL of a contract's rules before any run does, on a row that holds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assay.errors import first_paragraph
from assay.quality.column_types import quote_name
from assay.quality.statements import find_statement_fault
from assay.quality.suite import Expectation

if TYPE_CHECKING:
    import duckdb

_TABLE = "table_of_the_rule"
_FIGURES = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN")


class RuleTrial:
    """A table of one row of NULLs, on which rules are tried."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def find_predicate_fault(self, predicate: str) -> str:
        """Say why a predicate tells nothing of a row; empty where it does."""
        # In a WHERE clause stands what one row answers: no aggregate, no window.
        fault = self._find_fault(f"select 1 from {_TABLE} where ({predicate}) is false")
        if fault:
            return fault
        kind = self._type_of(f"select ({predicate}) from {_TABLE}")
        return "" if kind == "BOOLEAN" else f"it is of the type {kind}: expected true or false"

    def find_query_fault(self, expectation: Expectation, *, is_figure: bool) -> str:
        """Say why an expectation's query cannot run; empty where it can.

        Args:
            is_figure: its one column is the figure that a rule holds to an operator.
        """
        query = expectation.query_on(_TABLE)
        fault = self._find_fault(query)
        if fault or not is_figure:
            return fault
        kind = self._type_of(query)
        if _FIGURES.fullmatch(kind):
            return ""
        return f"its figure is of the type {kind}: expected a number, true or false"

    def _find_fault(self, query: str) -> str:
        import duckdb

        if fault := find_statement_fault(query):
            return fault
        try:
            self._connection.execute(query).fetchall()
        except duckdb.Error as error:
            return first_paragraph(error)
        return ""

    def _type_of(self, query: str) -> str:
        (described, *_) = self._connection.execute(f"describe {query}").fetchall()
        return str(described[1])


@contextmanager
def open_trial(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]
) -> Iterator[RuleTrial]:
    """Open a trial of rules over these columns, by name with their DuckDB types.

    The connection reads no file any more: a rule speaks of its table alone.
    """
    connection.execute("set enable_external_access = false")
    listed = ", ".join(f"null::{kind} as {quote_name(name)}" for name, kind in columns.items())
    connection.execute(f"create table {_TABLE} as select {listed}")
    try:
        yield RuleTrial(connection)
    finally:
        connection.execute(f"drop table {_TABLE}")
