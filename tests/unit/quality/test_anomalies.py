"""Which days of a series are judged, and by which days before them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from assay.domain import DayMeasureKind, TableRef, TableVersion, WatchedMeasure
from assay.quality import AuditedTable, judge_series, to_result
from assay.quality.chance import noise_of_count, noise_of_share
from assay.quality.day_measures import Series
from assay.quality.seasonal import Observation

FIRST = date(2000, 1, 1)
ROWS = WatchedMeasure(DayMeasureKind.ROWS)


def series(values: list[int]) -> Series:
    days = [
        Observation(FIRST + timedelta(days=number), float(value), value)
        for number, value in enumerate(values)
    ]
    return Series(ROWS, tuple(days), noise_of_count)


def test_of_a_first_delivery_of_many_days_the_last_ones_are_judged() -> None:
    given = series([1000 + 7 * (number % 5) for number in range(1500)])
    verdicts = judge_series(given, [each.day for each in given.observations])
    assert [each.day for each in verdicts] == [
        each.day for each in given.observations[1500 - 366 : 1500]
    ]
    assert all(each.is_judged and not each.is_anomaly for each in verdicts)


def test_what_was_usual_two_years_ago_is_not_usual_now() -> None:
    given = series([10] * 1000 + [1000] * 740 + [10])
    (verdict,) = judge_series(given, [given.observations[-1].day])
    assert (verdict.usual, verdict.is_anomaly) == (1000.0, True)


BEGINNING = [1.0, 0.4, 0.1, *[0.0] * 11]
NEW = WatchedMeasure(DayMeasureKind.NEW_CATEGORIES, "product")


def new_shares(values: Sequence[float]) -> Series:
    """Return days of a column."""
    days = [
        Observation(FIRST + timedelta(days=number), share, 200)
        for number, share in enumerate(values)
    ]
    return Series(NEW, tuple(days), noise_of_share)


@pytest.mark.parametrize(
    ("history", "share", "expected"),
    [
        ([0.0] * 100, 0.005, True),
        ([0.0] * 100, 0.0, False),
        ([0.005, *[0.0] * 60, 0.005, *[0.0] * 60], 0.005, True),
        ([0.005, 0.0, 0.0, 0.0] * 30, 0.005, False),
        ([0.005, 0.0, 0.0, 0.0] * 30, 0.1, True),
        ([0.9, 0.95, 0.92] * 30, 1.0, False),
        ([0.05] * 3, 0.05, False),
        ([], 0.005, True),
    ],
    ids=[
        "the first new value for months",
        "no new value",
        "one every two months",
        "one each few days",
        "many where there are few each few days",
        "values that hardly come twice",
        "a few days that all had new ones",
        "the fifteenth day",
    ],
)
def test_a_new_value_is_odd_where_new_ones_are_rare(
    history: list[float], share: float, *, expected: bool
) -> None:
    given = new_shares([*BEGINNING, *history, share])
    (verdict,) = judge_series(given, [given.observations[-1].day])
    assert (verdict.is_judged, verdict.is_anomaly) == (True, expected)


def test_a_value_is_not_odd_for_being_new_where_all_are() -> None:
    given = new_shares([1.0] * 60)
    verdicts = judge_series(given, [each.day for each in given.observations])
    assert [each.is_judged for each in verdicts] == [False] * 14 + [True] * 46
    assert not any(each.is_anomaly for each in verdicts)
    assert verdicts[-1].usual == 1


AUDITED = AuditedTable(
    "run",
    "shop",
    TableVersion(TableRef.parse("gold.orders"), 3),
    9,
    datetime(2000, 3, 1, tzinfo=UTC),
)
LONG = [10] * 50
NO_VALUE = FIRST + timedelta(days=90)


@pytest.mark.parametrize(
    ("values", "days", "accepted", "status", "told"),
    [
        (LONG, [-1], [], "passed", "is like the days before: 1 new day"),
        (
            LONG,
            [5, -2, -1],
            [],
            "passed",
            "is like the days before: 3 new days, 1 of them with too little history",
        ),
        ([10] * 3, [-1], [], "passed", "is not judged yet: 1 new day, with too little history"),
        (
            [10] * 3,
            [-2, -1],
            [],
            "passed",
            "is not judged yet: 2 new days, 2 of them with too little history",
        ),
        (
            [*LONG, 999],
            [-1],
            [],
            "failed",
            "is unlike the days before: 2000-02-20: 999 rows (usual 10 rows)",
        ),
        (LONG, [], [], "passed", "is not judged: no new day"),
        (LONG, [NO_VALUE], [], "passed", "is not judged: no value on the new day"),
        (
            LONG,
            [NO_VALUE, NO_VALUE + timedelta(days=1)],
            [],
            "passed",
            "is not judged: no value on the 2 new days",
        ),
        (LONG, [NO_VALUE], [NO_VALUE], "passed", "is not judged: no new day but accepted ones"),
    ],
    ids=[
        "a usual day",
        "usual days",
        "a day without history",
        "days without history",
        "an odd day",
        "no day",
        "a day without a value",
        "days without a value",
        "an accepted day",
    ],
)
def test_what_became_of_the_new_days_is_told(
    values: list[int], days: list[int | date], accepted: list[date], status: str, told: str
) -> None:
    given = series(values)
    new = [given.observations[each].day if isinstance(each, int) else each for each in days]
    found = to_result(ROWS, judge_series(given, new), AUDITED, new, accepted)
    assert (found.status.value, found.message) == (status, f"rows_by_day {told}")
