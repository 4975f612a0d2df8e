"""Unique keys, counted by DuckDB alone: GX would join the table with itself, at thrice the cost."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from assay.domain import quote_name
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
    names = [quote_name(str(name)) for name in listed]  # type: ignore[attr-defined]
    keys = ", ".join(names)
    empty = " and ".join(f"{name} is null" for name in names)
    whole = f"from {relation} where {' and '.join(f'{name} is not null' for name in names)}"
    try:
        rows = _count(connection, f"select count(*) from {relation}")
        different = _count_different(connection, f"hash({keys})", whole, rows)
        missing = found = 0
        if different != rows:
            missing = _count(connection, f"select count(*) from {relation} where {empty}")
        if different is None:
            found = _count(
                connection,
                "select coalesce(sum(n), 0)::bigint"
                f" from (select count(*) as n {whole} group by {keys} having count(*) > 1)",
            )
    except duckdb.Error as error:
        return Outcome(False, {}, str(error))
    return Outcome(
        found == 0,
        {"element_count": rows, "unexpected_count": found, "missing_count": missing},
    )


def _count_different(
    connection: duckdb.DuckDBPyConnection, key_hash: str, whole: str, rows: int
) -> int | None:
    """Count the hashes where they all differ; None where two are the same.

    They are sorted and neighbours looked at: a quarter of what grouping by them costs.
    """
    passes = -(-rows // _HASHES_AT_ONCE)
    different = 0
    for part in range(passes):
        chosen = f" and {key_hash} % {passes} = {part}" if passes > 1 else ""
        hashes = connection.execute(f"select {key_hash} as h {whole}{chosen}").fetchnumpy()["h"]
        hashes.sort()
        if (hashes[1:] == hashes[:-1]).any():
            return None
        different += len(hashes)
    return different


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
