"""One figure of a table, held to an operator: what it was, where it broke its rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.quality.suite import Expectation
from assay.quality.validation import Outcome

if TYPE_CHECKING:
    import duckdb


def add_figure(
    connection: duckdb.DuckDBPyConnection, relation: str, expectation: Expectation, outcome: Outcome
) -> Outcome:
    """Look up the figure of a rule that failed (``meta.figure_unit`` says that it has one).

    The verdict stays Great Expectations': a figure that cannot be looked up is left out.
    """
    import duckdb

    if "figure_unit" not in expectation.meta or outcome.is_success or outcome.error:
        return outcome
    try:
        rows = connection.execute(expectation.query_on(relation)).fetchall()
    except duckdb.Error:
        return outcome
    figure = {"figure": rows[0][0], "figure_unit": expectation.meta["figure_unit"]} if rows else {}
    return replace(outcome, details=outcome.details | figure)
