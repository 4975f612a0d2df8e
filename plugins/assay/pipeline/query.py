"""A person's query on released tables: it reads, and it cannot do anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from assay.errors import ReleaseError
from assay.pipeline.project import Project
from assay.pipeline.readers import open_reader
from assay.storage import quote_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EXPLAIN = re.compile(r"\s*explain\b(\s+analyze\b)?(\s*\([^)]*\))?", re.IGNORECASE)
_PIVOT_PARTS = {
    duckdb.StatementType.CREATE,
    duckdb.StatementType.SELECT,
    duckdb.StatementType.TRANSACTION,
}


@contextmanager
def open_query(
    project: Project,
    query: str,
    *,
    run_id: str = "",
    releases: Mapping[str, int] | None = None,
    as_of: str = "",
) -> Iterator[DuckDBPyConnection]:
    """Run one reading statement; its rows are fetched from what is given, as they are needed.

    The connection sees the tables of one moment. It opens no file outside the lake's tables,
    loads no extension and keeps its settings.

    Raises:
        ReleaseError: nothing is released, the statement does more than read, or it cannot be
            run; also while rows are fetched.
    """
    check_is_reading(query)
    with open_reader(project, run_id=run_id, releases=releases, as_of=as_of) as connection:
        confine(connection, str(project.lake / "tables"))
        try:
            connection.execute(query)
            yield connection
        except duckdb.Error as error:
            raise ReleaseError(
                f"the query cannot be run: {_first_paragraph(error)}",
                todo='names are <layer>.<table>: `assay sql "show all tables"` lists them',
            ) from error


def check_is_reading(query: str) -> None:
    """Make sure that a text is one statement that only reads.

    Raises:
        ReleaseError: it is none, several, another kind, or not SQL.
    """
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise ReleaseError(f"the query cannot be read: {_first_paragraph(error)}") from error
    kinds = [statement.type for statement in statements]
    if len(statements) > 1 and not _is_pivot(statements):
        raise _refuse(f"{len(statements)} statements were given")
    if not kinds:
        raise _refuse("no statement was given")
    if kinds == [duckdb.StatementType.EXPLAIN]:
        explained = _EXPLAIN.match(query)
        if explained is None:
            raise _refuse("EXPLAIN has to stand first, without a comment before it")
        check_is_reading(query[explained.end() :])
    elif len(kinds) == 1 and kinds != [duckdb.StatementType.SELECT]:
        raise _refuse(f"a {kinds[0].name} statement was given")


def confine(connection: DuckDBPyConnection, folder: str) -> None:
    """Let a connection open files below one folder only, and never change that."""
    connection.execute(f"set allowed_directories = [{quote_text(folder + '/')}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _is_pivot(statements: list[duckdb.Statement]) -> bool:
    """DuckDB turns a PIVOT into several statements of its own, which have no text."""
    return all(not each.query and each.type in _PIVOT_PARTS for each in statements)


def _refuse(found: str) -> ReleaseError:
    return ReleaseError(
        f"{found}, but `assay sql` only reads: expected one SELECT, FROM, WITH, VALUES, DESCRIBE,"
        " SHOW, SUMMARIZE, PIVOT or EXPLAIN",
        todo="tables are written by models: see dbt_project/models",
    )


def _first_paragraph(error: Exception) -> str:
    return re.split(r"\n\s*\n", str(error).strip())[0]
