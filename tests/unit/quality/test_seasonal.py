"""A day is judged by the days before it, of its own season, and by nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import median_abs_deviation

from assay.domain import Season
from assay.quality.seasonal import Direction, Observation, Sensitivity, Verdict, judge_day

MONDAY = date(2024, 1, 1)


def no_noise(usual: float, rows: int) -> float:
    return 1e-9


def days(values: Sequence[float], start: date = MONDAY) -> list[Observation]:
    return [Observation(start + timedelta(days=n), value, 100) for n, value in enumerate(values)]


def judge_last(values: Sequence[float], how: Sensitivity = Sensitivity()) -> Verdict:  # noqa: B008
    found = days(values)
    return judge_day(found[:-1], found[-1], how, no_noise)


EVERY_DAY = Sensitivity(season=Season.NONE, factor=0)


def test_the_score_is_the_distance_from_the_median_in_robust_deviations() -> None:
    values = [10.0, 12, 9, 11, 10, 14, 8, 10, 11, 9, 10, 13, 12, 10]
    found = judge_last([*values, 30], EVERY_DAY)
    deviation = median_abs_deviation(values, scale="normal")
    assert found.usual == 10
    assert found.score == pytest.approx(20 / deviation, rel=1e-4)
    assert (found.is_judged, found.is_anomaly, found.limit) == (True, True, 5)


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [
        (Direction.HIGH, 30, True),
        (Direction.HIGH, -30, False),
        (Direction.LOW, 30, False),
        (Direction.LOW, -30, True),
        (Direction.BOTH, 30, True),
        (Direction.BOTH, -30, True),
        (Direction.BOTH, 11, False),
    ],
)
def test_only_the_direction_that_counts(
    direction: Direction, value: float, *, expected: bool
) -> None:
    how = Sensitivity(season=Season.NONE, direction=direction)
    assert judge_last([9, 11] * 7 + [value], how).is_anomaly is expected


def test_a_weekday_is_held_against_its_own_weekday() -> None:
    week = [100, 101, 99, 100, 102, 30, 31]
    quiet = [each + step for step in (0, 1, -1, 0, 1, 0) for each in week]
    # As a Sunday 31 is as ever; as a Monday it is not.
    assert not judge_last([*quiet, *week]).is_anomaly
    assert judge_last([*quiet, 31]).is_anomaly
    assert not judge_last([*quiet, 31], Sensitivity(season=Season.NONE)).is_anomaly


def test_a_month_is_held_against_the_same_month() -> None:
    years = [20.0 if (MONDAY + timedelta(days=n)).month == 7 else 5.0 for n in range(366 + 190)]
    how = Sensitivity(season=Season.MONTH)
    # 1 to 8 July 2025: as in July 2024. 20 in January is another matter.
    assert not judge_last([*years], how).is_anomaly
    january = [*years[: 366 + 5], 20.0]
    assert judge_last(january, how).is_anomaly


@pytest.mark.parametrize(("weeks", "expected"), [(4, False), (5, True)])
def test_five_days_of_a_season_are_the_least(weeks: int, *, expected: bool) -> None:
    found = judge_last([10.0, 11, 9, 10, 11, 9, 10] * weeks + [500])
    assert (found.is_judged, found.is_anomaly) == (expected, expected)


@pytest.mark.parametrize(("before", "expected"), [(13, False), (14, True)])
def test_without_seasons_fourteen_days_are_the_least(before: int, *, expected: bool) -> None:
    values = [9.0 + n % 3 for n in range(before)]
    assert judge_last([*values, 500], EVERY_DAY).is_judged is expected


@given(
    st.lists(st.floats(0, 100), min_size=20, max_size=60),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40),
)
def test_what_comes_later_changes_nothing(before: list[float], later: list[float]) -> None:
    found = days([*before, *later])
    day = found[len(before)]
    then = judge_day(found[: len(before)], day, Sensitivity(season=Season.NONE), no_noise)
    assert judge_day(found, day, Sensitivity(season=Season.NONE), no_noise) == then


def test_a_history_with_bad_days_of_its_own_has_a_higher_limit() -> None:
    calm = [9.0, 10, 11, 10, 9, 11] * 10
    stormy = [40.0 if n % 20 == 19 else value for n, value in enumerate(calm)]
    how = Sensitivity(season=Season.NONE)
    assert judge_last([*calm, 40], how).is_anomaly
    same = judge_last([*stormy, 40], how)
    assert (same.is_anomaly, same.limit) == (False, pytest.approx(2 * same.score))
    assert judge_last([*stormy, 90], how).is_anomaly


def test_two_odd_days_in_a_row_are_both_odd() -> None:
    history = [9.0, 10, 11, 10, 9, 11] * 10
    how = Sensitivity(season=Season.NONE)
    assert judge_last([*history, 90], how).is_anomaly
    assert judge_last([*history, 90, 90], how).is_anomaly


def test_two_odd_days_do_not_hide_a_worse_one_after_them() -> None:
    history = [9.0, 10, 11, 10, 9, 11] * 6
    how = Sensitivity(season=Season.NONE)
    assert judge_last([*history, 90, 95, 100], how).is_anomaly


def test_no_distance_is_odd_within_chance() -> None:
    history, last = days([10.0] * 20), Observation(MONDAY + timedelta(days=20), 14, 100)
    how = Sensitivity(season=Season.NONE)
    assert judge_day(history, last, how, no_noise).is_anomaly
    assert not judge_day(history, last, how, lambda usual, rows: 1.0).is_anomaly


def test_a_distance_that_does_not_matter_is_not_odd() -> None:
    values = [0.0] * 20
    assert judge_last([*values, 0.004], EVERY_DAY).is_anomaly
    small = Sensitivity(season=Season.NONE, at_least=0.01)
    assert not judge_last([*values, 0.004], small).is_anomaly
