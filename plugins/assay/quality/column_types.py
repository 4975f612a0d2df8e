"""Columns as DuckDB names and types them.

Types are judged from its schema: GX would compare names of SQLAlchemy classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assay.errors import QualityError
from assay.quality.coverage import TYPE_CHECKS
from assay.quality.suite import Expectation
from assay.quality.validation import Outcome

if TYPE_CHECKING:
    import duckdb


def read_columns(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Map a relation's columns to DuckDB's names of their types, without a scan.

    Raises:
        QualityError: there is no such relation, or what it shows cannot be opened.
    """
    import duckdb

    try:
        rows = connection.execute(f"describe {relation}").fetchall()
    except duckdb.Error as error:
        raise QualityError(
            f"{relation} cannot be audited: {error}",
            todo="check that the table has this version: assay status",
        ) from error
    return {str(name): str(data_type) for name, data_type, *_ in rows}


def check_type(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str], expectation: Expectation
) -> Outcome:
    """Hold a column's type to the one, or one of those, that the expectation names.

    Aliases count as the same (``string`` is VARCHAR); ``decimal`` alone means any precision.
    """
    column = str(expectation.kwargs.get("column"))
    if column not in columns:
        return Outcome(False, {}, f'The column "{column}" does not exist')
    named = expectation.kwargs.get(TYPE_CHECKS[expectation.type])
    wanted = named if isinstance(named, list) else [named]
    actual = columns[column]
    if not wanted:
        return Outcome(False, {}, "no type is named")
    for text in wanted:
        canonical = _canonical(connection, str(text))
        if canonical is None:
            return Outcome(False, {}, f'DuckDB has no type "{text}"')
        if canonical in (actual, actual.split("(", maxsplit=1)[0]):
            return Outcome(True, {"data_type": actual})
    return Outcome(False, {"data_type": actual})


def _canonical(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    import duckdb

    if text.strip().lower() in ("decimal", "numeric"):
        return "DECIMAL"
    try:
        return str(connection.type(text))
    except duckdb.Error:
        return None
