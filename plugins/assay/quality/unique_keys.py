"""Unique keys, counted by DuckDB alone: GX would join the table with itself, at thrice the cost."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from assay.quality.suite import Expectation
from assay.quality.validation import Outcome

if TYPE_CHECKING:
    import duckdb

_TYPE = "expect_compound_columns_to_be_unique"
# 256 MB at 8 bytes a hash. More rows are looked at in several passes.
_HASHES_AT_ONCE = 32_000_000


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
    differ are all different; keys are compared only where two hashes are the same.
    """
    import duckdb

    listed = expectation.kwargs["column_list"]
    names = ['"' + str(name).replace('"', '""') + '"' for name in listed]  # type: ignore[attr-defined]
    keys = ", ".join(names)
    empty = " and ".join(f"{name} is null" for name in names)
    whole = f"from {relation} where {' and '.join(f'{name} is not null' for name in names)}"
    try:
        rows, missing = connection.execute(
            f"select count(*), count(*) filter (where {empty}) from {relation}"
        ).fetchall()[0]
        found = 0
        if _has_equal_hashes(connection, f"hash({keys})", whole, rows):
            found = connection.execute(
                "select coalesce(sum(n), 0)::bigint"
                f" from (select count(*) as n {whole} group by {keys} having count(*) > 1)"
            ).fetchall()[0][0]
    except duckdb.Error as error:
        return Outcome(False, {}, str(error))
    details = {"element_count": rows, "unexpected_count": found, "missing_count": missing}
    return Outcome(found == 0, details)


def _has_equal_hashes(
    connection: duckdb.DuckDBPyConnection, key_hash: str, whole: str, rows: int
) -> bool:
    """Sort the hashes and look at neighbours: a quarter of what grouping by them costs."""
    passes = -(-rows // _HASHES_AT_ONCE)
    for part in range(passes):
        hashes = connection.execute(
            f"select {key_hash} as h {whole} and {key_hash} % {passes} = {part}"
        ).fetchnumpy()["h"]
        hashes.sort()
        if (hashes[1:] == hashes[:-1]).any():
            return True
    return False
