"""What is measured of a table version, and how its service levels are judged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest

from assay.domain import (
    ColumnStatistics,
    Measure,
    Severity,
    Sla,
    SlaKind,
    TableRef,
    TableStatistics,
    TableVersion,
)
from assay.quality import AuditedTable, judge_slas, measure_table

NOW = datetime(2024, 1, 3, tzinfo=UTC)
AUDITED = AuditedTable("run", "shop", TableVersion(TableRef.parse("gold.orders"), 3), 4, NOW)


def measure(
    *,
    is_text_only: bool = False,
    hidden: Collection[str] = (),
    shown_texts: Collection[str] = ("item",),
    where: str = "true",
    statistics: TableStatistics | None = None,
) -> dict[str, Measure]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            "create table orders as select * from (values"
            " ('ink', 1.5::decimal(10, 2), timestamptz '2024-01-01 12:00:00+00', 'a', [1]),"
            " ('pen', 2.5, timestamptz '2024-01-02 00:00:00+00', 'b', [2]),"
            " (null, 9.5, null, 'c', null), ('pen', null, null, 'd', [3]))"
            f' as given(item, price, "at", buyer, parts) where {where}'
        )
        found = measure_table(
            connection,
            "orders",
            AUDITED,
            is_text_only=is_text_only,
            hidden=hidden,
            shown_texts=shown_texts,
            statistics=statistics,
        )
    return {each.column: each for each in found}


def test_each_column_is_measured_and_then_the_table() -> None:
    found = measure()
    assert list(found) == ["item", "price", "at", "buyer", "parts", ""]
    assert {
        name: (m.rows, m.nulls, m.null_share, m.distinct, m.minimum, m.maximum)
        for name, m in found.items()
    } == {
        "item": (4, 1, 0.25, 2, "ink", "pen"),
        "price": (4, 1, 0.25, 3, "1.50", "9.50"),
        "at": (4, 2, 0.5, 2, "2024-01-01 12:00:00+00", "2024-01-02 00:00:00+00"),
        # No contract speaks of it: it may be anything.
        "buyer": (4, 0, 0, 4, None, None),
        "parts": (4, 1, 0.25, None, None, None),
        "": (4, None, None, None, None, None),
    }
    assert {key: round(value, 2) for key, value in found["price"].quantiles.items()} == {
        "0.05": 1.5, "0.25": 1.75, "0.5": 2.5, "0.75": 7.75, "0.95": 9.5,
    }  # fmt: skip
    assert (found["at"].newest_at_utc, found["at"].freshness_seconds) == (
        datetime(2024, 1, 2, tzinfo=UTC),
        86_400,
    )


def test_of_hidden_columns_no_value_is_recorded() -> None:
    price = measure(hidden={"price", "item"})["price"]
    assert (price.minimum, price.maximum, dict(price.quantiles)) == (None, None, {})
    assert measure(hidden={"item"})["item"].minimum is None


def test_of_texts_as_they_were_delivered_only_nulls_are_counted() -> None:
    item = measure(is_text_only=True)["item"]
    assert (item.nulls, item.distinct, item.minimum) == (1, None, None)


# Not what the table holds, so that it shows where a measure is from.
_SAID = {
    "item": ColumnStatistics(3, "it's", "zinc"),
    "price": ColumnStatistics(0, "-2", "1e2"),
    "at": ColumnStatistics(1, "2023-01-01T00:00:00+00:00", "2024-01-02T12:00:00+00:00"),
    "buyer": ColumnStatistics(2, "a", "d"),
    "parts": ColumnStatistics(4, None, None, has_bounds=False),
}


def test_what_statistics_say_is_not_counted_again() -> None:
    found = measure(statistics=TableStatistics(4, _SAID))
    assert {
        name: (m.nulls, m.distinct, m.minimum, m.maximum) for name, m in found.items() if name
    } == {
        "item": (3, 2, "it's", "zinc"),
        "price": (0, 3, "-2.00", "100.00"),
        "at": (1, 2, "2023-01-01 00:00:00+00", "2024-01-02 12:00:00+00"),
        "buyer": (2, 4, None, None),
        "parts": (4, None, None, None),
    }
    assert (found["at"].newest_at_utc, found["at"].freshness_seconds) == (
        datetime(2024, 1, 2, 12, tzinfo=UTC),
        43_200,
    )
    assert found["price"].quantiles == measure()["price"].quantiles


@pytest.mark.parametrize(
    "statistics",
    [
        TableStatistics(5, _SAID),
        TableStatistics(4, {}),
        TableStatistics(4, {"price": ColumnStatistics(1, None, None, has_bounds=False)}),
    ],
    ids=["of other rows", "of no column", "without bounds"],
)
def test_what_statistics_do_not_say_is_counted(statistics: TableStatistics) -> None:
    assert measure(statistics=statistics) == measure()


def test_of_hidden_columns_statistics_tell_no_value() -> None:
    found = measure(hidden=set(_SAID), statistics=TableStatistics(4, _SAID))
    values = [(m.minimum, m.maximum, m.newest_at_utc, dict(m.quantiles)) for m in found.values()]
    assert values == [(None, None, None, {})] * 6


def test_a_table_without_rows_has_no_shares() -> None:
    found = measure(where="false")
    assert (found["item"].nulls, found["item"].null_share, found["at"].freshness_seconds) == (
        0,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("moment", "newest"),
    [
        ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
        ("9999-12-31T23:00:00-05:00", datetime.max.replace(tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_a_moment_at_the_edge_of_the_calendar_is_told(moment: str, newest: datetime) -> None:
    said = {"at": ColumnStatistics(0, moment, moment)}
    at = measure(statistics=TableStatistics(4, said))["at"]
    assert at.newest_at_utc == newest


def judge(sla: Sla, where: str = "true") -> tuple[str, str, str]:
    found = judge_slas([sla], list(measure(where=where).values()), AUDITED)
    assert [each.suite for each in found] == ["sla"]
    assert found[0].severity is sla.severity
    return found[0].status.value, found[0].expected, found[0].observed


@pytest.mark.parametrize(
    ("sla", "expected"),
    [
        (Sla(SlaKind.VOLUME, 4), ("passed", "at least 4 rows", "4 rows")),
        (Sla(SlaKind.VOLUME, 5), ("failed", "at least 5 rows", "4 rows")),
        (
            Sla(SlaKind.VOLUME, 1, upper=3, severity=Severity.CRITICAL),
            ("failed", "at least 1 and at most 3 rows", "4 rows"),
        ),
        (
            Sla(SlaKind.COMPLETENESS, 0.75, "item"),
            ("passed", "at least 75 % of the values", "75 %"),
        ),
        (
            Sla(SlaKind.COMPLETENESS, 0.999, "item"),
            ("failed", "at least 99.9 % of the values", "75 %"),
        ),
        (Sla(SlaKind.FRESHNESS, 86_400, "at"), ("passed", "at most 1 d old", "1 d old")),
        (Sla(SlaKind.FRESHNESS, 86_399, "at"), ("failed", "at most 24 h old", "1 d old")),
        (Sla(SlaKind.FRESHNESS, 93_600, "at"), ("passed", "at most 26 h old", "1 d old")),
        (Sla(SlaKind.FRESHNESS, 5400, "at"), ("failed", "at most 90 min old", "1 d old")),
    ],
)
def test_service_levels(sla: Sla, expected: tuple[str, str, str]) -> None:
    assert judge(sla) == expected


@pytest.mark.parametrize(
    ("sla", "expected"),
    [
        (Sla(SlaKind.COMPLETENESS, 0.5, "item"), ("failed", "no values")),
        (Sla(SlaKind.FRESHNESS, 60, "at"), ("failed", "no value")),
        (Sla(SlaKind.COMPLETENESS, 0.5, "gone"), ("errored", "no values")),
    ],
    ids=["share of no rows", "age of no value", "no such column"],
)
def test_what_has_no_measure_does_not_pass(sla: Sla, expected: tuple[str, str]) -> None:
    status, _, observed = judge(sla, where="false")
    assert (status, observed) == expected


@pytest.mark.parametrize(
    ("ahead", "status", "observed"),
    [
        (5, "passed", "-5 s old"),
        (50_400, "passed", "-14 h old"),
        (50_401, "failed", "its newest value lies in the future: 14 h from now"),
    ],
    ids=["another clock", "the farthest time zone", "no time zone"],
)
def test_data_is_from_the_future_where_time_zones_do_not_explain_it(
    ahead: int, status: str, observed: str
) -> None:
    table = Measure("run", "shop", "gold.orders", 3, "", 1, NOW)
    at = replace(table, column="at", freshness_seconds=-float(ahead))
    (found,) = judge_slas([Sla(SlaKind.FRESHNESS, 0, "at")], [table, at], AUDITED)
    assert (found.status.value, found.observed) == (status, observed)


def test_a_sample_tells_distinct_values_and_quantiles_alone() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table orders as select range as n from range(100)")
        found = measure_table(
            connection,
            "orders",
            AUDITED,
            is_text_only=False,
            hidden=(),
            shown_texts=(),
            sample="(from orders where n < 3)",
        )
    n = found[0]
    assert (n.rows, n.nulls, n.minimum, n.maximum) == (100, 0, "0", "99")
    assert (n.distinct, n.quantiles["0.5"]) == (3, 1.0)
