"""One wide table of orders, and fifty rules of it: what the audit is measured on.

The same number of rows always gives the same table. Some rows break rules: about 1 in 1,000.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from assay.storage import WriteMode, WriteRequest, open_connection, write_table

_VERSION = 1
STATUSES = ["open", "paid", "sent", "lost"]
COUNTRIES = ["CH", "DE", "FR", "IT", "AT", "LI", "ES", "PT"]

_ORDERS = """
    select
        i as id,
        'c' || lpad((hash(i) % 1000000)::varchar, 6, '0') as code,
        case when i % 1009 = 0 then null else 'name ' || (hash(i, 1) % 50000) end as name,
        (array['open', 'paid', 'sent', 'lost'])[1 + (hash(i, 2) % 4)::integer] as status,
        (array['CH', 'DE', 'FR', 'IT', 'AT', 'LI', 'ES', 'PT'])[1 + (hash(i, 3) % 8)::integer]
            as country,
        (hash(i, 4) % 1000)::integer - (i % 1013 = 0)::integer * 2000 as qty,
        ((hash(i, 5) % 1000000) / 100)::decimal(12, 2) as price,
        (hash(i, 6) % 1000003) / 1000.0::double as ratio,
        date '2026-01-01' + (hash(i, 7) % 365)::integer as ordered_on,
        date '2026-01-01' + (hash(i, 7) % 365)::integer + (hash(i, 8) % 9)::integer as shipped_on,
        timestamp '2026-01-01' + to_seconds((hash(i, 9) % 31536000)::bigint) as moment
    from range({rows}) as numbers(i)
"""
COLUMNS = (
    "id", "code", "name", "status", "country", "qty", "price", "ratio", "ordered_on",
    "shipped_on", "moment",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """An expectation, and the same measure as an SQL aggregate or as a condition of bad rows."""

    type: str
    kwargs: dict[str, object]
    measure: str = ""
    bad_row: str = ""


def _column(name: str, kind: str, bad_row: str, **more: object) -> Rule:
    return Rule(f"expect_column_values_to_{kind}", {"column": name, **more}, bad_row=bad_row)


def _aggregate(name: str, kind: str, measure: str, low: float | str, high: float | str) -> Rule:
    kwargs = {"column": name, "min_value": low, "max_value": high}
    return Rule(f"expect_column_{kind}_to_be_between", kwargs, measure)


ROW_RULES = [
    *(_column(name, "not_be_null", f"{name} is null") for name in COLUMNS[1:]),
    _column("qty", "be_between", "qty not between 0 and 999", min_value=0, max_value=999),
    _column("price", "be_between", "price not between 0 and 10000", min_value=0, max_value=10_000),
    _column("ratio", "be_between", "ratio not between 0 and 1001", min_value=0, max_value=1001),
    _column(
        "ordered_on",
        "be_between",
        "ordered_on not between '2026-01-01' and '2026-12-31'",
        min_value="2026-01-01",
        max_value="2026-12-31",
    ),
    _column(
        "moment",
        "be_between",
        "moment not between '2026-01-01' and '2027-01-01'",
        min_value="2026-01-01 00:00:00",
        max_value="2027-01-01 00:00:00",
    ),
    _column("status", "be_in_set", f"status not in {tuple(STATUSES)}", value_set=STATUSES),
    _column("country", "be_in_set", f"country not in {tuple(COUNTRIES)}", value_set=COUNTRIES),
    _column("status", "not_be_in_set", "status in ('gone', 'x')", value_set=["gone", "x"]),
    _column("code", "match_regex", "not regexp_matches(code, '^c[0-9]{6}$')", regex="^c[0-9]{6}$"),
    _column("name", "not_match_regex", "regexp_matches(name, '[;|]')", regex="[;|]"),
    Rule(
        "expect_column_value_lengths_to_equal",
        {"column": "code", "value": 7},
        bad_row="length(code) <> 7",
    ),
    Rule(
        "expect_column_value_lengths_to_be_between",
        {"column": "name", "min_value": 1, "max_value": 20},
        bad_row="length(name) not between 1 and 20",
    ),
    Rule(
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "shipped_on", "column_B": "ordered_on", "or_equal": True},
        bad_row="not coalesce(shipped_on >= ordered_on, false)",
    ),
    Rule(
        "expect_column_pair_values_to_be_equal",
        {"column_A": "id", "column_B": "id"},
        bad_row="not coalesce(id = id, false)",
    ),
    Rule(
        "expect_column_values_to_be_unique",
        {"column": "id"},
        measure="count(id) - count(distinct id)",
    ),
]
TABLE_RULES = [
    Rule("expect_table_row_count_to_be_between", {"min_value": 1}, "count(*)"),
    Rule("expect_table_column_count_to_equal", {"value": len(COLUMNS)}),
    Rule("expect_table_columns_to_match_set", {"column_set": list(COLUMNS)}),
    *(_aggregate(name, "min", f"min({name})", -9999, 9999) for name in ("qty", "price", "ratio")),
    *(_aggregate(name, "max", f"max({name})", -9999, 99999) for name in ("qty", "ratio")),
    _aggregate("ordered_on", "min", "min(ordered_on)", "2026-01-01", "2026-02-01"),
    _aggregate("ordered_on", "max", "max(ordered_on)", "2026-12-01", "2026-12-31"),
    *(_aggregate(name, "mean", f"avg({name})", 0, 9999) for name in ("qty", "price", "ratio")),
    *(_aggregate(name, "sum", f"sum({name})", 0, 1e15) for name in ("qty", "price", "ratio")),
    *(_aggregate(name, "stdev", f"stddev_samp({name})", 0, 9999) for name in ("qty", "ratio")),
    _aggregate("qty", "median", "median(qty)", 0, 999),
    Rule(
        "expect_column_quantile_values_to_be_between",
        {
            "column": "ratio",
            "quantile_ranges": {"quantiles": [0.05, 0.95], "value_ranges": [[0, 1001]] * 2},
        },
        "quantile_disc(ratio, [0.05, 0.95])",
    ),
    *(
        Rule(
            "expect_column_distinct_values_to_be_in_set",
            {"column": name, "value_set": values},
            f"list(distinct {name})",
        )
        for name, values in (("status", STATUSES), ("country", COUNTRIES))
    ),
    *(
        _aggregate(name, "unique_value_count", f"count(distinct {name})", 1, 10)
        for name in ("status", "country")
    ),
    _aggregate("name", "proportion_of_non_null_values", "count(name) / count(*)", 0.5, 1),
]
RULES = [*ROW_RULES, *TABLE_RULES]


def orders_path(cache: Path, rows: int) -> Path:
    """Where the table of a size is kept."""
    return cache / f"orders-{_VERSION}-{rows}"


def make_orders(cache: Path, rows: int) -> Path:
    """Write the Delta table of ``rows`` orders unless it is there."""
    path = orders_path(cache, rows)
    if path.exists():
        return path
    draft = path.with_suffix(".part")
    shutil.rmtree(draft, ignore_errors=True)
    with open_connection("", "") as connection:
        relation = f"({_ORDERS.format(rows=rows)})"
        write_table(
            connection,
            WriteRequest(draft, "bench.orders", relation, WriteMode.OVERWRITE, None, lambda: None),
        )
    draft.replace(path)
    return path
