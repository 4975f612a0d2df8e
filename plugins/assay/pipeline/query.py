"""A person's query on released tables: it reads, and it cannot do anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from assay.errors import ReleaseError, advise_on_disk, first_paragraph, is_of_the_disk
from assay.pipeline.project import Project
from assay.pipeline.query_check import check_is_reading
from assay.pipeline.readers import open_reader
from assay.storage import quote_text

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


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
            names = 'names are <layer>.<table>: `assay sql "show all tables"` lists them'
            raise ReleaseError(
                f"the query cannot be run: {first_paragraph(error)}",
                todo=advise_on_disk("<product>") if is_of_the_disk(str(error)) else names,
            ) from error


def run_sql(
    project: Project,
    query: str,
    *,
    run_id: str = "",
    releases: Mapping[str, int] | None = None,
) -> pa.Table:
    """Run one reading statement and return its rows.

    Raises:
        ReleaseError: as :func:`open_query` does.
    """
    with open_query(project, query, run_id=run_id, releases=releases) as result:
        return result.to_arrow_table()


def confine(connection: DuckDBPyConnection, folder: str) -> None:
    """Let a connection open files below one folder only, and never change that."""
    connection.execute(f"set allowed_directories = [{quote_text(folder + '/')}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
