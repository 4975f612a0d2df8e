"""Unique keys, counted by DuckDB alone: GX would join the table with itself, at thrice the cost."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from assay.quality.suite import Expectation
from assay.quality.validation import Outcome

if TYPE_CHECKING:
    import duckdb

_TYPE = "expect_compound_columns_to_be_unique"


def is_plain_key(expectation: Expectation, columns: Collection[str]) -> bool:
    """Tell whether an expectation asks for a unique key of these columns and for nothing else."""
    listed = expectation.kwargs.get("column_list")
    return (
        expectation.type == _TYPE
        and set(expectation.kwargs) == {"column_list"}
        and isinstance(listed, list)
        and len(listed) > 1
        and all(name in columns for name in listed)
    )


def check_key(
    connection: duckdb.DuckDBPyConnection, relation: str, expectation: Expectation
) -> Outcome:
    """Count the rows whose key stands more than once, as GX counts them.

    Rows with a key of NULLs alone are missing, and NULL equals nothing. Keys whose hashes all
    differ are all different, and hashes are cheaper to compare: keys are compared only where
    two hashes are the same.
    """
    import duckdb

    listed = expectation.kwargs["column_list"]
    names = ['"' + str(name).replace('"', '""') + '"' for name in listed]  # type: ignore[attr-defined]
    keys = ", ".join(names)
    whole = " and ".join(f"{name} is not null" for name in names)
    empty = " and ".join(f"{name} is null" for name in names)
    repeated = "select coalesce(sum(n), 0) from (select count(*) as n from {} where {} group by {}"
    repeated += " having count(*) > 1)"
    try:
        rows, missing = connection.execute(
            f"select count(*), count(*) filter (where {empty}) from {relation}"
        ).fetchall()[0]
        found = _count(connection, repeated.format(relation, whole, f"hash({keys})"))
        if found:
            found = _count(connection, repeated.format(relation, whole, keys))
    except duckdb.Error as error:
        return Outcome(False, {}, str(error))
    details = {"element_count": rows, "unexpected_count": found, "missing_count": missing}
    return Outcome(found == 0, details)


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
