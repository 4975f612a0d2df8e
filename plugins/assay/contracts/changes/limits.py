"""Which figures or values a rule lets through, as intervals that can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assay.contracts.changes.change import Direction

# What an option or an operator lets through: (which side of its value, whether the value too).
_ABOVE = {
    "minimum": True,
    "exclusiveMinimum": False,
    "minLength": True,
    "minItems": True,
    "minProperties": True,
    "mustBeGreaterThan": False,
    "mustBeGreaterOrEqualTo": True,
}
_BELOW = {
    "maximum": True,
    "exclusiveMaximum": False,
    "maxLength": True,
    "maxItems": True,
    "maxProperties": True,
    "mustBeLessThan": False,
    "mustBeLessOrEqualTo": True,
}
LIMITS = (*_ABOVE, *_BELOW, "mustBe", "mustNotBe", "mustBeBetween", "mustNotBeBetween")


@dataclass(frozen=True)
class Interval:
    """The numbers from ``low`` to ``high``; ``has_low`` and ``has_high`` say if they belong."""

    low: float = -math.inf
    high: float = math.inf
    has_low: bool = True
    has_high: bool = True

    def holds(self, other: Interval) -> bool:
        """Tell whether the other interval lies within this one."""
        return _reaches(other.low - self.low, self.has_low, other.has_low) and _reaches(
            self.high - other.high, self.has_high, other.has_high
        )


def read_limits(rule: Mapping[str, object]) -> tuple[Interval, ...] | None:
    """Read what a rule's operator or option lets through; None where it cannot be told."""
    named = [name for name in LIMITS if rule.get(name) is not None]
    if len(named) != 1:
        return None
    name, value = named[0], rule[named[0]]
    numbers = [_number(each) for each in (value if isinstance(value, list) else [value])]
    if not numbers or any(math.isnan(number) for number in numbers):
        return None
    low, high = numbers[0], numbers[-1]
    if name in _ABOVE:
        return (Interval(low=low, has_low=_ABOVE[name]),)
    if name in _BELOW:
        return (Interval(high=high, has_high=_BELOW[name]),)
    if name in ("mustBe", "mustBeBetween"):
        return (Interval(low, high),)
    return (Interval(high=low, has_high=False), Interval(low=high, has_low=False))


def compare_limits(old: Sequence[Interval] | None, new: Sequence[Interval] | None) -> Direction:
    """Tell how what is let through has changed."""
    if old is None or new is None:
        return Direction.SAME if old == new else Direction.OTHER
    return direction(is_within(new, old), is_within(old, new))


def direction(new_in_old: bool, old_in_new: bool) -> Direction:
    """Tell the direction from which of the two holds the other."""
    if new_in_old and old_in_new:
        return Direction.SAME
    if new_in_old:
        return Direction.TIGHTER
    return Direction.LOOSER if old_in_new else Direction.OTHER


def is_within(inner: Sequence[Interval], outer: Sequence[Interval]) -> bool:
    """Tell whether each of the one's intervals lies in one of the other's, which are apart."""
    return all(any(each.holds(one) for each in outer) for one in inner)


def _reaches(distance: float, has_end: bool, needs_end: bool) -> bool:
    # Two unlimited sides differ by NaN: they are the same.
    if math.isnan(distance) or distance == 0:
        return has_end or not needs_end
    return distance > 0


def _number(value: object) -> float:
    """Turn a limit into a number: a day or an instant into its second, NaN where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return math.nan
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
