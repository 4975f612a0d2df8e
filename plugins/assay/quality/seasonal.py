"""Whether a day is unlike its own table's days before it: median and MAD by season.

Pure: no table, no clock. A day is held against the days of its own season (the same weekday, or
month) that came before it, by its robust score: its distance from their median, in units of the
median absolute deviation (MAD) of all days before it from their own season's median. Three
things keep alarms rare:

- *Chance.* The unit is never smaller than what chance alone makes of the day's number of rows.
- *The table's own bad days.* A table whose worst day a month scores 10 has heavy tails; there a
  score of 10 is not news. The limit is at least ``factor`` times the score that this history
  exceeds once in ``once_in`` days (and on two days where it is short).
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
from statistics import median

from assay.domain import Season

# An event of two days in a short history shall not hide what comes after it.
_ODD_DAYS = 2
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
    measure's own unit.
    """

    direction: Direction = Direction.BOTH
    season: Season = Season.WEEKDAY
    at_least: float = 0.0
    score: float = 5.0
    factor: float = 2.0
    once_in: int = 30
    minimum: int = 5
    minimum_days: int = 14


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


Noise = Callable[[float, int], float]
"""From a usual value and a number of rows to the standard deviation that chance gives, above 0."""


def judge_day(
    history: Sequence[Observation], observed: Observation, how: Sensitivity, noise: Noise
) -> Verdict:
    """Judge a day by the days before it; later ones in ``history`` are not looked at."""
    before = [each for each in history if each.day < observed.day]
    seasons: dict[int, list[float]] = {}
    for each in before:
        seasons.setdefault(_season(each.day, how.season), []).append(each.value)
    own = seasons.get(_season(observed.day, how.season), [])
    if len(own) < how.minimum or len(before) < how.minimum_days:
        return Verdict(observed.day, observed.value, observed.rows, is_judged=False)
    centres = {key: median(values) for key, values in seasons.items()}

    def distance(each: Observation) -> float:
        return each.value - centres[_season(each.day, how.season)]

    # Of all seasons together: five values tell a middle, but hardly how far days lie apart.
    deviation = _MAD_TO_DEVIATION * median([abs(distance(each)) for each in before])

    def score_of(each: Observation) -> float:
        unit = max(deviation, noise(centres[_season(each.day, how.season)], each.rows))
        return _score(distance(each), unit, how.direction)

    score = score_of(observed)
    scores = sorted((score_of(each) for each in before), reverse=True)
    tail = scores[max(_ODD_DAYS, len(scores) // how.once_in)]
    limit = max(how.score, how.factor * tail)
    return Verdict(
        observed.day,
        observed.value,
        observed.rows,
        is_judged=True,
        is_anomaly=abs(distance(observed)) >= how.at_least and score > limit,
        usual=centres[_season(observed.day, how.season)],
        score=score,
        limit=limit,
    )


def _season(day: date, season: Season) -> int:
    if season is Season.WEEKDAY:
        return day.weekday()
    return day.month if season is Season.MONTH else 0


def _score(distance: float, unit: float, direction: Direction) -> float:
    """Return the distance in units, only the way that counts."""
    if direction is Direction.HIGH:
        distance = max(distance, 0.0)
    elif direction is Direction.LOW:
        distance = max(-distance, 0.0)
    return abs(distance) / unit
