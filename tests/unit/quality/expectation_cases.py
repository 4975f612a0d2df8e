"""What every core expectation is tried on: data sets, arguments, and its peer on pandas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Row = tuple[object, ...]
Arguments = Mapping[str, object]

COLUMNS = {
    "id": "integer",
    "qty": "integer",
    "price": "decimal(10, 2)",
    "ratio": "double",
    "name": "varchar",
    "code": "varchar",
    "day": "date",
    "moment": "timestamp",
    "flag": "boolean",
    "nothing": "integer",
}

_NOON = datetime(2026, 1, 2, 12, 0, 0)
_ROWS: list[Row] = [
    (1, 5, Decimal("1.50"), 0.5, "Ada", "A-1", date(2026, 1, 1), _NOON, True, None),
    (2, -3, Decimal("-2.25"), -1.25, "Björn", "A-2", date(2026, 1, 2), _NOON, False, None),
    (3, *[None] * 9),
    (4, 5, Decimal("1.50"), 2.0, "Ada", "b3", date(2026, 1, 2), _NOON, True, None),
    (5, 0, Decimal("99.99"), 1e6, "東京", "A-5", date(2025, 12, 31), _NOON, None, None),
    (6, 7, Decimal("0.00"), 0.25, "", "A-6", date(2026, 2, 1), datetime(2026, 2, 1), True, None),
]
DATA_SETS: dict[str, list[Row]] = {
    "mixed": _ROWS,
    "without_nulls": [row for row in _ROWS if row[1] is not None],
    "one_row": _ROWS[:1],
    "all_null": [(number, *[None] * 9) for number in range(3)],
    "empty": [],
}
# GX's own form of `id > 1`.
ROW_CONDITION = {
    "type": "comparison",
    "column": {"name": "id"},
    "operator": ">",
    "parameter": 1,
}


@dataclass(frozen=True)
class Case:
    """An expectation as an audit runs it, and, where pandas lacks it, what it is compared with."""

    type: str
    kwargs: Arguments
    peer_type: str = ""
    peer_kwargs: Arguments = field(default_factory=dict)

    @property
    def peer(self) -> tuple[str, Arguments]:
        return self.peer_type or self.type, {**self.kwargs, **self.peer_kwargs}


def _cases(kind: str, *arguments: Arguments) -> list[Case]:
    return [Case(kind, each) for each in arguments]


def _on(columns: str, **arguments: object) -> list[Arguments]:
    return [{"column": column, **arguments} for column in columns.split()]


def _range(kind: str, columns: str, low: float, high: float) -> list[Case]:
    """A range that no value leaves, one that some do, and both ends excluded."""
    wide = {"min_value": -1e9, "max_value": 1e9}
    narrow = {"min_value": low, "max_value": high}
    strict = {**narrow, "strict_min": True, "strict_max": True}
    return _cases(kind, *(a for each in (wide, narrow, strict) for a in _on(columns, **each)))


_NUMBERS = "qty price ratio"
_SCALARS = "id qty name day moment flag nothing"
_DAYS = {"min_value": "2026-01-01", "max_value": "2026-01-31"}
_TIMES = {"min_value": "2026-01-01 00:00:00", "max_value": "2026-01-31 00:00:00"}
_ALWAYS = {"min_value": "1900-01-01", "max_value": "2100-01-01"}
_PAIR_SKIPS = ("both_values_are_missing", "either_value_is_missing", "neither")
_LIST_SKIPS = ("all_values_are_missing", "any_value_is_missing", "never")
_QUARTILES = [0.25, 0.5, 0.75]


def _pairs(kind: str, *arguments: Arguments) -> list[Case]:
    return _cases(kind, *({**a, "ignore_row_if": skip} for a in arguments for skip in _PAIR_SKIPS))


def _lists(kind: str, *arguments: Arguments) -> list[Case]:
    return _cases(kind, *({**a, "ignore_row_if": skip} for a in arguments for skip in _LIST_SKIPS))


def _between() -> list[Case]:
    kind = "expect_column_values_to_be_between"
    dates = [
        *_on("day", **_DAYS),
        *_on("day", **_ALWAYS),
        *_on("moment", **_TIMES),
        *_on("moment", **_TIMES, strict_min=True, strict_max=True),
    ]
    return [*_range(kind, _NUMBERS, -1.25, 5), *_cases(kind, *dates)]


def _extremes(name: str) -> list[Case]:
    kind = f"expect_column_{name}_to_be_between"
    dates = [*_on("day", **_DAYS), *_on("day", **_ALWAYS), *_on("moment", **_TIMES)]
    return [*_range(kind, _NUMBERS, -3, 7), *_cases(kind, *dates)]


def _sets(kind: str) -> list[Case]:
    """Texts, numbers, decimals, booleans and dates; pandas wants the dates as dates."""
    days = ["2026-01-01", "2026-01-02"]
    return [
        *_cases(
            kind,
            *_on("qty", value_set=[5, 0, 7]),
            *_on("qty", value_set=[5, 0, 7, -3]),
            *_on("qty", value_set=[99]),
            *_on("name", value_set=["Ada", "東京", ""]),
            *_on("price", value_set=[1.5, 0]),
            *_on("flag", value_set=[True]),
            *_on("nothing", value_set=[1]),
        ),
        Case(
            kind,
            {"column": "day", "value_set": days},
            peer_kwargs={"value_set": [date.fromisoformat(each) for each in days]},
        ),
    ]


def _patterns(kind: str) -> list[Case]:
    found = (r"^A-\d$", r"\d", "-", "^$", "東", "^[Ab].*", "nowhere")
    return _cases(kind, *({"column": c, "regex": r} for c in ("name", "code") for r in found))


def _like(name: str) -> list[Case]:
    """LIKE against the regular expression that means the same."""
    same = {"A%": "^A", "%3": "3$", "A-_": "^A-.$", "%": "", "x%": "^x", "Bj_rn": "^Bj.rn$"}
    return [
        Case(
            f"expect_column_values_to_{name}_like_pattern",
            {"column": column, "like_pattern": like},
            f"expect_column_values_to_{name}_regex",
            {"regex": regex, "like_pattern": None},
        )
        for column in ("name", "code")
        for like, regex in same.items()
    ]


def _like_list(name: str, **more: object) -> list[Case]:
    return [
        Case(
            f"expect_column_values_to_{name}_like_pattern_list",
            {"column": "code", "like_pattern_list": likes, **more},
            f"expect_column_values_to_{name}_regex_list",
            {"regex_list": regexes, "like_pattern_list": None},
        )
        for likes, regexes in (
            (["A%", "%3"], ["^A", "3$"]),
            (["A%", "%1"], ["^A", "1$"]),
            (["x%", "y%"], ["^x", "^y"]),
        )
    ]


def _unexpected_rows() -> list[Case]:
    kind = "unexpected_rows_expectation"
    query = "select * from {batch} where "
    none = {"unexpected_rows_query": None, "column": "qty"}
    return [
        Case(
            kind,
            {"unexpected_rows_query": query + "qty < 0"},
            "expect_column_values_to_be_between",
            {**none, "min_value": 0},
        ),
        Case(
            kind,
            {"unexpected_rows_query": query + "qty > 100"},
            "expect_column_values_to_be_between",
            {**none, "max_value": 100},
        ),
        Case(
            kind,
            {"unexpected_rows_query": query + "qty is null"},
            "expect_column_values_to_not_be_null",
            none,
        ),
    ]


def _types() -> list[Case]:
    """DuckDB's name of a type beside what pandas calls the same column."""
    known = [
        ("id", "INTEGER", "int64"),
        ("ratio", "double", "float64"),
        ("ratio", "date", "int64"),
    ]
    cases = []
    for column, ours, theirs in known:
        for kind in ("expect_column_values_to_be_of_type", "expect_column_type_to_be"):
            peer = "expect_column_values_to_be_of_type"
            cases.append(Case(kind, {"column": column, "type_": ours}, peer, {"type_": theirs}))
        cases.append(
            Case(
                "expect_column_values_to_be_in_type_list",
                {"column": column, "type_list": ["timestamp", ours]},
                peer_kwargs={"type_list": ["datetime64", theirs]},
            )
        )
    return cases


CASES: list[Case] = [
    *_sets("expect_column_distinct_values_to_be_in_set"),
    *_sets("expect_column_distinct_values_to_contain_set"),
    *_sets("expect_column_distinct_values_to_equal_set"),
    *_sets("expect_column_values_to_be_in_set"),
    *_sets("expect_column_values_to_not_be_in_set"),
    *_extremes("max"),
    *_extremes("min"),
    *_between(),
    *_range("expect_column_mean_to_be_between", _NUMBERS, 0, 3),
    *_range("expect_column_median_to_be_between", _NUMBERS, 0, 3),
    *_range("expect_column_stdev_to_be_between", _NUMBERS, 0, 10),
    *_range("expect_column_sum_to_be_between", _NUMBERS, 14, 14),
    *_cases(
        "expect_column_quantile_values_to_be_between",
        *_on(_NUMBERS, quantile_ranges={"quantiles": _QUARTILES, "value_ranges": [[-3, 1]] * 3}),
        *_on(
            _NUMBERS,
            quantile_ranges={"quantiles": [0, *_QUARTILES, 1], "value_ranges": [[-9, 1e7]] * 5},
        ),
    ),
    *_cases(
        "expect_column_value_z_scores_to_be_less_than",
        *_on(_NUMBERS, threshold=1, double_sided=True),
        *_on(_NUMBERS, threshold=9, double_sided=False),
    ),
    *_cases(
        "expect_column_values_to_not_be_outliers",
        *_on(_NUMBERS, method="iqr", multiplier=0.5),
        *_on(_NUMBERS, method="std", multiplier=1.5),
        *_on("qty", method="std", multiplier=9),
    ),
    *_cases(
        "expect_column_kl_divergence_to_be_less_than",
        *_on(
            "code",
            partition_object={
                "values": ["A-1", "A-2", "b3", "A-5", "A-6"],
                "weights": [0.2, 0.2, 0.2, 0.2, 0.2],
            },
            threshold=0.1,
        ),
        *_on(
            "qty",
            partition_object={"bins": [-5, 0, 5, 10], "weights": [0.1, 0.1, 0.8]},
            threshold=0.1,
        ),
    ),
    *_cases(
        "expect_column_most_common_value_to_be_in_set",
        *_on("qty", value_set=[5]),
        *_on("name", value_set=["Eve"]),
        *_on("code", value_set=["A-1"], ties_okay=True),
        *_on("code", value_set=["A-1"]),
    ),
    *_pairs(
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "id", "column_B": "qty"},
        {"column_A": "qty", "column_B": "ratio", "or_equal": True},
        {"column_A": "id", "column_B": "id", "or_equal": True},
    ),
    *_pairs(
        "expect_column_pair_values_to_be_equal",
        {"column_A": "id", "column_B": "qty"},
        {"column_A": "name", "column_B": "code"},
        {"column_A": "id", "column_B": "id"},
    ),
    *_pairs(
        "expect_column_pair_values_to_be_in_set",
        {"column_A": "name", "column_B": "qty", "value_pairs_set": [["Ada", 5], ["", 7]]},
        {
            "column_A": "id",
            "column_B": "id",
            "value_pairs_set": [[each, each] for each in range(9)],
        },
    ),
    *_range("expect_column_proportion_of_non_null_values_to_be_between", _SCALARS, 0.9, 1),
    *_range("expect_column_proportion_of_unique_values_to_be_between", _SCALARS, 0.5, 1),
    *_range("expect_column_unique_value_count_to_be_between", _SCALARS, 4, 5),
    *_cases("expect_column_values_to_be_null", *_on(_SCALARS)),
    *_cases("expect_column_values_to_not_be_null", *_on(_SCALARS)),
    *_cases("expect_column_values_to_be_unique", *_on(_SCALARS)),
    *_cases(
        "expect_column_to_exist",
        *_on("qty gone"),
        *_on("qty", column_index=1),
        *_on("qty", column_index=2),
    ),
    *_cases(
        "expect_column_value_lengths_to_be_between",
        *_on("name code", min_value=1, max_value=4),
        *_on("name code", min_value=3, max_value=5, strict_min=True, strict_max=True),
        *_on("name code", min_value=0, max_value=9),
    ),
    *_cases(
        "expect_column_value_lengths_to_equal",
        *_on("name code", value=3),
        *_on("code", value=0),
    ),
    *_patterns("expect_column_values_to_match_regex"),
    *_patterns("expect_column_values_to_not_match_regex"),
    *_cases(
        "expect_column_values_to_match_regex_list",
        *_on("code", regex_list=["^A", "3$"]),
        *_on("code", regex_list=["^A", "1$"], match_on="all"),
    ),
    *_cases(
        "expect_column_values_to_not_match_regex_list",
        *_on("code", regex_list=["^A", "3$"]),
        *_on("code", regex_list=["^x", "9$"]),
    ),
    *_like("match"),
    *_like("not_match"),
    *_like_list("match"),
    *_like_list("match", match_on="all"),
    *_like_list("not_match"),
    *_cases(
        "expect_compound_columns_to_be_unique",
        *(
            {"column_list": columns, **more}
            for columns in (["name", "qty"], ["id", "qty"], ["name", "qty", "flag"])
            for more in ({}, {"ignore_row_if": "any_value_is_missing"})
        ),
    ),
    *_lists(
        "expect_multicolumn_sum_to_equal",
        {"column_list": ["id", "qty"], "sum_total": 6},
        {"column_list": ["nothing", "qty"], "sum_total": 6},
    ),
    *_lists(
        "expect_multicolumn_values_to_be_equal",
        {"column_list": ["id", "qty", "ratio"]},
        {"column_list": ["id", "id"]},
    ),
    *_lists(
        "expect_select_column_values_to_be_unique_within_record",
        {"column_list": ["id", "qty", "ratio"]},
        {"column_list": ["qty", "id"]},
        {"column_list": ["id", "nothing"]},
    ),
    *_cases(
        "expect_table_column_count_to_be_between",
        {"min_value": 3, "max_value": 10},
        {"min_value": 11},
    ),
    *_cases("expect_table_column_count_to_equal", {"value": 9}, {"value": 10}),
    *_cases(
        "expect_table_columns_to_match_ordered_list",
        {"column_list": ["id", "qty"]},
        {"column_list": list(COLUMNS)},
        {"column_list": list(reversed(COLUMNS))},
    ),
    *_cases(
        "expect_table_columns_to_match_set",
        {"column_set": ["id", "qty"], "exact_match": False},
        {"column_set": ["id", "gone"]},
        {"column_set": list(COLUMNS)},
    ),
    *_cases(
        "expect_table_row_count_to_be_between",
        {"min_value": 1, "max_value": 6},
        {"min_value": 1, "max_value": 6, "strict_max": True},
    ),
    *_cases("expect_table_row_count_to_equal", {"value": 6}, {"value": 0}),
    *_unexpected_rows(),
    *_types(),
]
