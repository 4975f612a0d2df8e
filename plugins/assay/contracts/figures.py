"""One figure of a table, held to an operator: a query that returns a row where it is wrong."""

from __future__ import annotations

from assay.contracts.operators import Limit

UNEXPECTED_ROWS = "unexpected_rows_expectation"


def figure_arguments(query: str, limit: Limit) -> dict[str, object]:
    """Write the expectation's arguments for a query of one figure that reads ``{batch}``.

    No row, no figure: a query that returns nothing breaks the rule.
    """
    return {
        "unexpected_rows_query": f"select figure from (select ({query}) as figure) as figures"
        f" where figure is null or {limit.broken_when()}"
    }
