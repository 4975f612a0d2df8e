"""Which days of a series are judged, and by which days before them."""

from __future__ import annotations

from datetime import date, timedelta

from assay.domain import DayMeasureKind, WatchedMeasure
from assay.quality import judge_series
from assay.quality.day_measures import Series
from assay.quality.seasonal import Observation

FIRST = date(2000, 1, 1)
ROWS = WatchedMeasure(DayMeasureKind.ROWS)


def series(values: list[int]) -> Series:
    days = [
        Observation(FIRST + timedelta(days=number), float(value), value)
        for number, value in enumerate(values)
    ]
    return Series(ROWS, tuple(days), lambda usual, rows: max(usual, 1.0) ** 0.5)


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
