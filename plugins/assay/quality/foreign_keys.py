"""Foreign keys: rows are counted in one pass, and only where some are found looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.quality.suite import Expectation
from assay.quality.validation import Outcome

if TYPE_CHECKING:
    import duckdb

_SHOWN_KEYS = 3
_SHOWN_CHARACTERS = 40


def is_foreign_key(expectation: Expectation) -> bool:
    """Tell whether an expectation asks for keys without a row in the tables that it reads."""
    return bool(expectation.key and expectation.reads) and (
        "unexpected_rows_query" in expectation.kwargs
    )


def check_foreign_key(
    connection: duckdb.DuckDBPyConnection, relation: str, expectation: Expectation
) -> Outcome:
    """Count the rows of the expectation's query, and where there are some their keys.

    The most frequent keys are shown, unless the key is protected (``meta.is_protected``).
    """
    import duckdb

    query = expectation.query_on(relation)
    try:
        rows = _figure(connection, f"select count(*) from ({query}) as orphans")
        if not rows:
            return Outcome(True, {"observed_value": 0})
        details = {"observed_value": rows, "keys": _count_keys(connection, query, expectation)}
        if not expectation.meta.get("is_protected"):
            details["frequent_keys"] = _frequent_keys(connection, query, expectation)
    except duckdb.Error as error:
        return Outcome(False, {}, str(error))
    return Outcome(False, details)


def _count_keys(
    connection: duckdb.DuckDBPyConnection, query: str, expectation: Expectation
) -> object:
    keys = f"select distinct {_names(expectation)} from ({query}) as orphans"
    return _figure(connection, f"select count(*) from ({keys}) as keys")


def _frequent_keys(
    connection: duckdb.DuckDBPyConnection, query: str, expectation: Expectation
) -> list[tuple[str, int]]:
    names = _names(expectation)
    found = connection.execute(
        f"select {names}, count(*) as n from ({query}) as orphans"
        f" group by {names} order by n desc, {names} limit {_SHOWN_KEYS}"
    ).fetchall()
    return [(_shorten(", ".join(map(str, key))), count) for *key, count in found]


def _figure(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    return connection.execute(query).fetchall()[0][0]


def _names(expectation: Expectation) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in expectation.key)


def _shorten(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[:_SHOWN_CHARACTERS]}…"
