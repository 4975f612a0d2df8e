"""Foreign keys: rows without a partner and their keys, counted in one pass over a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.domain import quote_name
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
    """Count the rows of the expectation's query, and their keys, in one pass over the table.

    The most frequent keys are shown, unless the key is protected (``meta.is_protected``).
    """
    import duckdb

    names = ", ".join(map(quote_name, expectation.key))
    places = ", ".join(str(position) for position in range(1, len(expectation.key) + 1))
    # What is summed over all groups comes with each of the groups that are shown.
    query = (
        f"select {names}, count(*), sum(count(*)) over ()::bigint, count(*) over ()"
        f" from ({expectation.query_on(relation)}) as orphans group by {names}"
        f" order by {len(expectation.key) + 1} desc, {places} limit {_SHOWN_KEYS}"
    )
    try:
        found = connection.execute(query).fetchall()
    except duckdb.Error as error:
        return Outcome(False, {}, str(error))
    if not found:
        return Outcome(True, {"observed_value": 0})
    *_, rows, keys = found[0]
    details: dict[str, object] = {"observed_value": rows, "keys": keys}
    if not expectation.meta.get("is_protected"):
        details["frequent_keys"] = [
            (_shorten(", ".join(map(str, key))), count) for *key, count, _, _ in found
        ]
    return Outcome(False, details)


def _shorten(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[:_SHOWN_CHARACTERS]}…"
