"""A day lacks where its weekday has rows, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from assay.quality.missing_days import find_missing_days

MONDAY = date(2024, 1, 1)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def days(has_rows: Callable[[date], bool], length: int = 400) -> set[date]:
    return {day(number) for number in range(length) if has_rows(day(number))}


@pytest.mark.parametrize(
    "has_rows",
    [
        lambda each: True,
        lambda each: each.weekday() != 6,
        lambda each: each.weekday() < 5,
        lambda each: each.weekday() == 2,
        lambda each: each.day == 1,
        lambda each: (each + timedelta(days=1)).day == 1,
        lambda each: each.toordinal() % 14 == 0,
        lambda each: each.toordinal() % 3 == 0,
        lambda each: each.month in (6, 7, 8),
        lambda each: False,
    ],
    ids=[
        "each day",
        "not on Sundays",
        "Monday to Friday",
        "by week",
        "by month",
        "month's end",
        "each second week",
        "each third day",
        "in summer alone",
        "no day",
    ],
)
def test_nothing_lacks_where_no_rows_are_usual(has_rows: Callable[[date], bool]) -> None:
    assert find_missing_days(days(has_rows)) == []


def test_a_day_between_others_lacks_if_its_weekday_has_rows() -> None:
    open_days = days(lambda each: each.weekday() != 6)
    lost = {day(70), day(71), day(100)}
    assert find_missing_days(open_days - lost) == sorted(lost)
    # A table by week: its one day.
    assert find_missing_days(days(lambda each: each.weekday() == 2) - {day(72)}) == [day(72)]


def test_the_first_weeks_and_what_comes_after_the_last_day_do_not_lack() -> None:
    daily = days(lambda each: True)
    assert find_missing_days(daily - {day(13)}) == []
    assert find_missing_days(daily - {day(399)}) == []


def test_a_weekday_that_is_closed_from_now_on_lacks_three_times() -> None:
    mondays = {day(number) for number in range(210, 400, 7)}
    assert find_missing_days(days(lambda each: True) - mondays) == sorted(mondays)[:3]


def test_of_a_long_silence_three_weeks_lack() -> None:
    silence = {day(number) for number in range(100, 300)}
    assert find_missing_days(days(lambda each: True) - silence) == sorted(silence)[:21]


def test_days_at_the_ends_of_the_calendar_are_no_matter() -> None:
    ends = {date.min, date.min + timedelta(days=9), date.max - timedelta(days=9), date.max}
    assert find_missing_days(ends) == []
