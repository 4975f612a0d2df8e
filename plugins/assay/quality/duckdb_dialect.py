"""A SQLAlchemy engine over a DuckDB connection that is already open.

Great Expectations speaks SQLAlchemy only. duckdb-engine's dialect opens connections of its own
and rolls back when one returns to the pool, which drops results that were not fetched yet.
Here every cursor buffers its rows, and nothing ends the caller's connection or transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import sqlalchemy
from duckdb_engine import DBAPI, Dialect
from duckdb_engine.datatypes import ISCHEMA_NAMES
from sqlalchemy.pool import StaticPool

Row = tuple[object, ...]

_MAX_ROWS = 100_000


class TooManyRows(duckdb.Error):  # type: ignore[misc]  # DuckDB is not followed by mypy
    """A metric asked for more rows than an audit may hold in memory."""


class BufferedCursor:
    """A DB-API cursor that holds the first rows of its last statement, up to a limit.

    Who asks for rows beyond it is refused: a result that only seems to end would be a wrong one.
    """

    arraysize = 1
    rowcount = -1
    lastrowid = None

    def __init__(self, connection: BorrowedConnection) -> None:
        self.connection = connection
        self.description: list[tuple[object, ...]] | None = None
        self._rows: deque[Row] = deque()
        self._is_cut = False

    def execute(self, statement: str, parameters: Sequence[object] | None = None) -> None:
        result = self.connection.duckdb.execute(statement, parameters or [])
        self.description = result.description
        rows = result.fetchmany(_MAX_ROWS + 1) if result.description else []
        self._is_cut = len(rows) > _MAX_ROWS
        self._rows = deque(rows[:_MAX_ROWS])

    def executemany(self, statement: str, parameters: Sequence[Sequence[object]]) -> None:
        for each in parameters:
            self.execute(statement, each)

    def fetchone(self) -> Row | None:
        found = self.fetchmany(1)
        return found[0] if found else None

    def fetchmany(self, size: int | None = None) -> list[Row]:
        wanted = size or self.arraysize
        if wanted > len(self._rows):
            self._require_whole()
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    def fetchall(self) -> list[Row]:
        self._require_whole()
        rows, self._rows = list(self._rows), deque()
        return rows

    def close(self) -> None:
        self._rows, self._is_cut = deque(), False

    def _require_whole(self) -> None:
        if self._is_cut:
            raise TooManyRows(f"more than {_MAX_ROWS:,} rows would have to be held in memory")


class BorrowedConnection:
    """A DB-API connection that leaves transactions and closing to its owner."""

    notices: tuple[str, ...] = ()

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.duckdb = connection

    def cursor(self) -> BufferedCursor:
        return BufferedCursor(self)

    def commit(self) -> None:
        """Do nothing: the owner commits."""

    def rollback(self) -> None:
        """Do nothing: the owner rolls back."""

    def close(self) -> None:
        """Do nothing: the owner closes."""


class BorrowedDuckDBDialect(Dialect):  # type: ignore[misc]  # duckdb-engine ships no types
    """duckdb-engine's SQL, with columns read from DuckDB's own catalogue."""

    supports_statement_cache = False

    def do_begin(self, connection: BorrowedConnection) -> None:
        """Do nothing: the owner begins."""

    def do_rollback(self, connection: BorrowedConnection) -> None:
        """Do nothing: the owner rolls back."""

    def do_commit(self, connection: BorrowedConnection) -> None:
        """Do nothing: the owner commits."""

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **_: object
    ) -> list[dict[str, object]]:
        """List a relation's columns; ``data_type`` is DuckDB's own name of the type."""
        quoted = self.identifier_preparer.quote_identifier
        relation = ".".join(quoted(part) for part in (schema, table_name) if part)
        rows = connection.exec_driver_sql(f"describe {relation}").fetchall()
        return [
            {"name": name, "type": _sql_type(text), "nullable": True, "default": None}
            for name, text, *_rest in rows
        ]

    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **_: object
    ) -> Mapping[str, object]:
        """Name no primary key: Delta tables have none."""
        return {"constrained_columns": [], "name": None}


def _sql_type(text: str) -> object:
    """Turn DuckDB's name of a type into SQLAlchemy's, or a null type where it has none."""
    name = text.split("(", maxsplit=1)[0].strip().lower()
    known = ISCHEMA_NAMES.get(name) or BorrowedDuckDBDialect.ischema_names.get(name)
    return known() if isinstance(known, type) else sqlalchemy.types.NullType()


def create_engine(connection: duckdb.DuckDBPyConnection) -> sqlalchemy.Engine:
    """Wrap an open DuckDB connection as a SQLAlchemy engine. Disposing it closes nothing."""
    borrowed = BorrowedConnection(connection)
    pool = StaticPool(lambda: borrowed, reset_on_return=None)
    dialect = _initialised(BorrowedDuckDBDialect(dbapi=DBAPI), _reserved_words(connection))
    return sqlalchemy.Engine(pool, dialect, sqlalchemy.make_url("duckdb://"))


def _initialised(dialect: Dialect, reserved_words: frozenset[str]) -> Dialect:
    dialect.server_version_info = (8, 0)
    dialect.default_schema_name = "main"
    dialect.identifier_preparer.reserved_words = reserved_words
    return dialect


def _reserved_words(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Ask DuckDB which names need quotes: it reserves more than PostgreSQL, such as ``at``."""
    rows = connection.execute(
        "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'"
    ).fetchall()
    return frozenset(str(name) for (name,) in rows)
