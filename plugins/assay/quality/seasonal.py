"""Whether a day is unlike its own table's days before it: median and MAD by season.

Pure: no table, no clock. What is usual for a day is the median of the days of its own season (the
same weekday, or month) that came before it, moved by how far the last days lay from theirs: a
table that grows is not held against its first year. The score of a day is its distance from the
usual, in units of the median absolute deviation (MAD) of all days before it from what was usual
for them. Counts are compared by their logarithms, for a busy weekday varies by more rows than a
quiet one. Three things keep alarms rare:

- *Chance.* The unit is never smaller than what chance alone makes of the day's number of rows. Of
  counts a history can show that chance plays a smaller part: there are tables of 24 rows each day.
- *The table's own bad days.* A table whose worst day a month scores 10 has heavy tails; there a
  score of 10 is not news. The limit is at least ``factor`` times the score that this history
  exceeds once in ``once_in`` days (and on two days where it is short), the same way: high or low.
- *Enough history.* Fewer days than ``minimum`` of the season, or ``minimum_days`` in all, say
  nothing: five values are the fewest of which two odd ones cannot move the median.

Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): the modified z-score, of
which 3.5 is an outlier among normal values. Days are skewed more than that: the default is 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import exp, log, sqrt
from statistics import median

from assay.domain import Season

# An event of two days in a short history shall not hide what comes after it.
_ODD_DAYS = 2
# The level of a table is the middle of so many days: an event of four of them does not move it.
_LEVEL_DAYS = 10
# So many days as chance would have them are assumed before the history speaks; and no day of it
# speaks louder than one of ten deviations.
_DOUBT_DAYS = 28
_WILD = 10.0
# The MAD of a normal distribution is this part of its standard deviation.
_MAD_TO_DEVIATION = 1.4826


class Direction(StrEnum):
    """Which way a day must differ to be worth a word."""

    HIGH = "high"
    LOW = "low"
    BOTH = "both"


@dataclass(frozen=True)
class Observation:
    """One day's measure. ``rows`` is how many rows it was measured on."""

    day: date
    value: float
    rows: int


@dataclass(frozen=True)
class Sensitivity:
    """What makes a day worth a word. ``at_least`` is the smallest distance that matters, in the
    measure's own unit. Counts (``is_count``) are held against each other by their ratio.
    """

    direction: Direction = Direction.BOTH
    season: Season = Season.WEEKDAY
    at_least: float = 0.0
    score: float = 5.0
    factor: float = 2.0
    once_in: int = 30
    minimum: int = 5
    minimum_days: int = 14
    is_count: bool = False


@dataclass(frozen=True)
class Verdict:
    """What became of a day. ``score`` and ``limit`` are 0 where there was too little history."""

    day: date
    value: float
    rows: int
    is_judged: bool
    is_anomaly: bool = False
    usual: float = 0.0
    score: float = 0.0
    limit: float = 0.0


Noise = Callable[[float, Observation], float]
"""From a usual value and a day to the standard deviation that chance gives, above 0; of a count
to that of its logarithm."""


def judge_day(
    history: Sequence[Observation], observed: Observation, how: Sensitivity, noise: Noise
) -> Verdict:
    """Judge a day by the days before it; later ones in ``history`` are not looked at.

    Nor is a day without rows, unless to judge another such.
    """
    before = [
        each for each in history if each.day < observed.day and (each.rows or not observed.rows)
    ]
    days = [*before, observed]
    seasons = [_season(each.day, how.season) for each in days]
    if seasons.count(seasons[-1]) <= how.minimum or len(before) < how.minimum_days:
        return Verdict(observed.day, observed.value, observed.rows, is_judged=False)
    scale = _log if how.is_count else float
    values = [scale(each.value) for each in days]
    expected = _expect(values, seasons)
    distances = [value - usual for value, usual in zip(values, expected, strict=True)]
    usuals = [max(_unlog(each) if how.is_count else each, 0.0) for each in expected]
    # Of all seasons together: five values tell a middle, but hardly how far days lie apart.
    deviation = _MAD_TO_DEVIATION * median([abs(each) for each in distances[:-1]])
    chances = [noise(usual, each) for usual, each in zip(usuals, days, strict=True)]
    learned = _learn_chance(distances[:-1], chances) if how.is_count else 1.0
    scores = [
        _score(distance, max(deviation, chance * learned), how.direction)
        for distance, chance in zip(distances, chances, strict=True)
    ]
    score = scores.pop()
    # A table whose wild days are high ones may well have none that is low.
    alike = [max(each, 0.0) if score > 0 else max(-each, 0.0) for each in scores]
    limit = max(how.score, how.factor * tail_of(alike, how))
    is_far = abs(observed.value - usuals[-1]) >= how.at_least
    return Verdict(
        observed.day,
        observed.value,
        observed.rows,
        is_judged=True,
        is_anomaly=is_far and abs(score) > limit,
        usual=usuals[-1],
        score=abs(score),
        limit=limit,
    )


def tail_of(values: Sequence[float], how: Sensitivity) -> float:
    """Return what these days exceed once in ``once_in`` days, or on two days where they are few."""
    position = max(_ODD_DAYS, len(values) // how.once_in)
    return sorted(values, reverse=True)[position] if position < len(values) else 0.0


def _expect(values: Sequence[float], seasons: Sequence[int]) -> list[float]:
    """Return what was usual on each day: its season's median, moved as the days before it were.

    The last day is the one to be judged: it is in no median.
    """
    by_season: dict[int, list[float]] = {}
    for value, season in zip(values[:-1], seasons, strict=False):
        by_season.setdefault(season, []).append(value)
    centres = {season: median(found) for season, found in by_season.items()}
    moved = [value - centres[season] for value, season in zip(values[:-1], seasons, strict=False)]
    levels = [
        _middle(moved[place : place + _LEVEL_DAYS]) for place in range(len(moved) - _LEVEL_DAYS + 1)
    ]
    levels = levels[:1] * _LEVEL_DAYS + levels
    return [centres[season] + level for season, level in zip(seasons, levels, strict=True)]


def _middle(values: Sequence[float]) -> float:
    """Return the median of an even number of values, without the checks that make it slow."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return (ordered[half - 1] + ordered[half]) / 2


def _learn_chance(distances: Sequence[float], chances: Sequence[float]) -> float:
    """Return how much less than by chance this history varies: 1 if it does not, or is short."""
    squares = sum(
        min(abs(distance) / chance, _WILD) ** 2
        for distance, chance in zip(distances, chances, strict=False)
    )
    return min(1.0, sqrt((squares + _DOUBT_DAYS) / (len(distances) + _DOUBT_DAYS)))


def _log(count: float) -> float:
    return log(count + 0.5)


def _unlog(value: float) -> float:
    return round(exp(value) - 0.5, 6)


def _season(day: date, season: Season) -> int:
    if season is Season.WEEKDAY:
        return day.weekday()
    return day.month if season is Season.MONTH else 0


def _score(distance: float, unit: float, direction: Direction) -> float:
    """Return the distance in units, only the way that counts."""
    if direction is Direction.HIGH:
        distance = max(distance, 0.0)
    elif direction is Direction.LOW:
        distance = min(distance, 0.0)
    return distance / unit
