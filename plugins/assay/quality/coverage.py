"""Which of Great Expectations' core expectations an audit can check, and why not the rest.

Nothing here imports Great Expectations unless a function says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

_NO_SQL = "Great Expectations has no SQL for it"
_QUERY = "write it as an unexpected_rows_expectation"

# Judged from the table's schema: by type, the argument that names what is wanted.
TYPE_CHECKS = {
    "expect_column_values_to_be_of_type": "type_",
    "expect_column_type_to_be": "type_",
    "expect_column_values_to_be_in_type_list": "type_list",
}

# Refused when a suite is read: by type, the reason and what to write instead.
REFUSED = {
    "expect_column_values_to_be_dateutil_parseable": (
        _NO_SQL,
        f"{_QUERY}: … where try_cast(c as timestamp) is null and c is not null",
    ),
    "expect_column_values_to_be_decreasing": (
        f"{_NO_SQL}: rows of a table have no order",
        f"{_QUERY} that orders the rows by a column of its own",
    ),
    "expect_column_values_to_be_increasing": (
        f"{_NO_SQL}: rows of a table have no order",
        f"{_QUERY} that orders the rows by a column of its own",
    ),
    "expect_column_values_to_be_json_parseable": (
        _NO_SQL,
        f"{_QUERY}: … where not json_valid(c)",
    ),
    "expect_column_values_to_match_json_schema": (
        _NO_SQL,
        f"{_QUERY} that compares json_structure(c) or single fields",
    ),
    "expect_column_values_to_match_strftime_format": (
        _NO_SQL,
        f"{_QUERY}: … where try_strptime(c, '%Y-%m-%d') is null and c is not null",
    ),
    "expect_query_results_to_match_comparison": (
        "it needs a second data source; an audit has one",
        f"{_QUERY} with the other table's name in `meta.reads`",
    ),
    "expect_table_row_count_to_equal_other_table": (
        "it names a table for which no version is chosen",
        f"{_QUERY} with the other table's name in `meta.reads`",
    ),
}

# How a result differs from GX's pandas engine on equal data, or how it was compared instead.
DIFFERENCES = {
    "expect_column_sum_to_be_between": (
        "Of no values the sum is NULL, which lies in no range: it fails. Pandas says 0."
    ),
    "expect_column_kl_divergence_to_be_less_than": (
        "Without rows there is no distribution: it is errored. Pandas says that it fails."
    ),
    "expect_column_max_to_be_between": "Without values it fails. Pandas errors on timestamps.",
    "expect_column_min_to_be_between": "Without values it fails. Pandas errors on timestamps.",
    "expect_column_pair_values_to_be_in_set": (
        "With `row_condition` it is refused: Great Expectations counts rows outside of it."
    ),
    "expect_compound_columns_to_be_unique": (
        "With `ignore_row_if: never` keys with a NULL never repeat, as in SQL; in pandas they do."
    ),
    "unexpected_rows_expectation": "Compared with another expectation on pandas, which has no SQL.",
    **dict.fromkeys(
        (
            "expect_column_values_to_match_like_pattern",
            "expect_column_values_to_match_like_pattern_list",
            "expect_column_values_to_not_match_like_pattern",
            "expect_column_values_to_not_match_like_pattern_list",
        ),
        "Compared with the same pattern as a regular expression: pandas has no LIKE.",
    ),
    **dict.fromkeys(
        TYPE_CHECKS,
        "Types are DuckDB's, such as `INTEGER`; pandas has names of its own, such as `int64`.",
    ),
}


@dataclass(frozen=True)
class Coverage:
    """What becomes of one core expectation. ``note`` is a sentence, or empty."""

    type: str
    is_checked: bool
    checked_by: str
    note: str


def refuse_reason(kind: str, arguments: Collection[str] = ()) -> str:
    """Say why an audit refuses an expectation, and what to write instead; empty where not.

    ``arguments`` are the names of those that have a value.
    """
    if kind == "expect_column_pair_values_to_be_in_set" and "row_condition" in arguments:
        return f"row_condition: Great Expectations counts rows outside of it; {_QUERY}"
    reason, todo = REFUSED.get(kind, ("", ""))
    return f"{reason}; {todo}" if reason else ""


def core_expectations() -> tuple[str, ...]:
    """Ask Great Expectations itself for the types of its core expectations, sorted."""
    from great_expectations.expectations import core
    from great_expectations.expectations.expectation import Expectation

    classes = (value for value in vars(core).values() if isinstance(value, type))
    found = [each for each in classes if issubclass(each, Expectation)]
    # GX's base classes have an empty type.
    return tuple(sorted({str(vars(each)["expectation_type"]) for each in found} - {""}))


def coverage() -> list[Coverage]:
    """Say of each core expectation what becomes of it. Imports Great Expectations."""
    return [_cover(kind) for kind in core_expectations()]


def _cover(kind: str) -> Coverage:
    if reason := refuse_reason(kind):
        return Coverage(kind, False, "", f"{reason[0].upper()}{reason[1:]}.")
    by = "the table's schema" if kind in TYPE_CHECKS else "SQL in DuckDB"
    return Coverage(kind, True, by, DIFFERENCES.get(kind, ""))
