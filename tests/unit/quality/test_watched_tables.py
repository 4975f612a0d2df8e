"""Kinds of tables day by day: what is usual for each is quiet, and trouble is found in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

import pytest

from assay.domain import DayMeasureKind, WatchedMeasure
from assay.quality import judge_series
from assay.quality.chance import noise_of_count, noise_of_share
from assay.quality.day_measures import Series
from assay.quality.missing_days import find_missing_days
from assay.quality.seasonal import Observation, Verdict

MONDAY = date(2023, 1, 2)
ROWS = WatchedMeasure(DayMeasureKind.ROWS)
LAST = 600


def noisy(usual: float, random: Random) -> int:
    """Return a count whose deviation is a twentieth of it, beside chance."""
    return max(round(random.gauss(usual, (usual + (usual / 20) ** 2) ** 0.5)), 0)


def weekday(number: int) -> float:
    return (1, 1, 1.1, 1.3, 2, 4, 3)[number % 7]


KINDS: Mapping[str, Callable[[int, Random], int]] = {
    "steady": lambda n, random: noisy(1000, random),
    "strong weekdays": lambda n, random: noisy(800 * weekday(n), random),
    "closed on Sundays": lambda n, random: 0 if n % 7 == 6 else noisy(500 * weekday(n), random),
    "growth of 1 % a week": lambda n, random: noisy(300 * weekday(n) * 1.01 ** (n / 7), random),
    "decline of 1 % a week": lambda n, random: noisy(3000 * weekday(n) * 0.99 ** (n / 7), random),
    "promotions": lambda n, random: noisy(1000 * (1.6 if n % 60 < 4 else 1), random),
    "a new level": lambda n, random: noisy(1000 if n < 300 else 1500, random),
    "always the same": lambda n, random: 24,
    "by week": lambda n, random: 0 if n % 7 else noisy(5000, random),
}


def counts(kind: str, days: int = LAST) -> dict[date, int]:
    random = Random(7)
    found = {MONDAY + timedelta(days=n): KINDS[kind](n, random) for n in range(days)}
    return {day: count for day, count in found.items() if count}


def judge(by_day: Mapping[date, int], *days: date) -> list[Verdict]:
    filled = {**by_day, **dict.fromkeys(find_missing_days(by_day), 0)}
    series = tuple(Observation(day, float(n), n) for day, n in sorted(filled.items()))
    return judge_series(Series(ROWS, series, noise_of_count), days or filled)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_usual_for_a_table_is_hardly_ever_odd(kind: str) -> None:
    odd = [each.day for each in judge(counts(kind)) if each.is_anomaly]
    assert len(odd) <= {"promotions": 4, "a new level": 6}.get(kind, 1), odd


@pytest.mark.parametrize("factor", [0.5, 0.01, 0], ids=["half", "a hundredth", "no row"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_day_that_lost_rows_is_odd_in_each_table(kind: str, factor: float) -> None:
    for ago in range(7, 14):
        given = counts(kind)
        day = MONDAY + timedelta(days=LAST - ago)
        if day not in given:
            continue
        given[day] = int(given[day] * factor)
        (verdict,) = judge({each: n for each, n in given.items() if n}, day)
        assert verdict.is_anomaly, verdict


@pytest.mark.parametrize("kind", [each for each in KINDS if each != "promotions"])
def test_a_day_that_was_loaded_twice_is_odd_in_each_table(kind: str) -> None:
    given = counts(kind)
    day = sorted(given)[-8]
    (verdict,) = judge({**given, day: 2 * given[day]}, day)
    assert verdict.is_anomaly, verdict


def test_a_new_level_is_told_for_six_days_and_usual_from_then_on() -> None:
    odd = [each.day for each in judge(counts("a new level")) if each.is_anomaly]
    first = MONDAY + timedelta(days=300)
    assert odd[0] == first
    assert odd[-1] <= first + timedelta(days=6)


@pytest.mark.parametrize(("rows", "expected"), [(23, False), (25, False), (12, True), (48, True)])
def test_a_table_that_never_varies_is_odd_by_more_than_a_row(rows: int, *, expected: bool) -> None:
    given = counts("always the same")
    day = max(given)
    assert judge({**given, day: rows}, day)[0].is_anomaly is expected


def test_a_few_rows_a_day_are_never_odd_by_chance() -> None:
    random = Random(3)
    given = {
        MONDAY + timedelta(days=n): sum(random.random() < 0.05 for _ in range(100))
        for n in range(LAST)
    }
    assert not any(each.is_anomaly for each in judge({day: n for day, n in given.items() if n}))


def test_a_share_of_nulls_that_rises_slowly_does_not_hide_a_jump() -> None:
    random = Random(5)
    nulls = WatchedMeasure(DayMeasureKind.NULL_SHARE, "email")
    days = [
        Observation(MONDAY + timedelta(days=n), random.gauss(0.01 + 0.3 * n / LAST, 0.004), 2000)
        for n in range(LAST)
    ]
    day = days[-1].day
    for jump, expected in ((0.0, False), (0.06, True)):
        given = (*days[:-1], Observation(day, days[-1].value + jump, 2000))
        (verdict,) = judge_series(Series(nulls, given, noise_of_share), [day])
        assert verdict.is_anomaly is expected
    quiet = Series(nulls, tuple(days), noise_of_share)
    assert not any(each.is_anomaly for each in judge_series(quiet, [each.day for each in days]))
