"""Days without a row on which rows were to be expected. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from itertools import pairwise

# Rows are expected on a weekday that had some in most of so many weeks before. Of a longer silence
# the days after three weeks are none on which anything was to be expected any more.
_WEEKS = 6


def find_missing_days(days: Collection[date]) -> list[date]:
    """Return the days between those of a table that lack, in order.

    A shop that is closed on Sundays has rows on no Sunday, a table of months on no weekday for
    most weeks: nothing lacks there.
    """
    known = set(days)
    found = []
    for day, later in pairwise(sorted(known)):
        silence = min((later - day).days, _WEEKS * 7 // 2 + 1)
        for number in range(1, silence):
            each = day + timedelta(days=number)
            if _is_expected(each, known):
                found.append(each)
    return found


def _is_expected(day: date, known: Collection[date]) -> bool:
    # The first days of the calendar have no weeks before them.
    weeks = [timedelta(weeks=number) for number in range(1, _WEEKS + 1)]
    return sum(day - date.min >= each and day - each in known for each in weeks) > _WEEKS / 2
