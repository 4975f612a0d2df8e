"""What to say of a name that nothing has: the names that are near it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_LIKENESS = 0.6
_BESIDE_THE_BEST = 0.15
_NEAR = 3
_LISTED = 10


def did_you_mean(name: str, known: Iterable[str], if_none: str = "none is known yet") -> str:
    """Ask for the nearest of the known names; where none is near, list the first of them.

    Where nothing is known, ``if_none`` is what to say.

    What stands after the last dot is compared, so that ``fct_flights`` is near
    ``gold.fct_flights``; what stands before it puts the names of that layer or product first.
    """
    names = sorted(set(known), key=lambda each: (_prefix(each) != _prefix(name), each))
    likeness = {each: _compare(name, each) for each in names}
    best = max(likeness.values(), default=0.0)
    least = max(_LIKENESS, best - _BESIDE_THE_BEST)
    near = sorted((each for each in names if likeness[each] >= least), key=lambda n: -likeness[n])
    if near:
        return f"did you mean {' or '.join(near[:_NEAR])}?"
    if not names:
        return if_none
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return f"known: {', '.join(names[:_LISTED])}{more}"


def _prefix(name: str) -> str:
    return name.lower().rpartition(".")[0]


def _compare(name: str, other: str) -> float:
    """Compare what stands after the last dot, from 0 to 1."""
    end, other_end = (each.lower().rpartition(".")[2] for each in (name, other))
    return SequenceMatcher(None, end, other_end).ratio()
