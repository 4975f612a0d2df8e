"""Which figures or values an option or an operator lets through, as intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import permutations

# Options that are one limit in two notations: the lowest value of a column, and the highest.
BOUNDS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
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
_SIZES = ("minLength", "minItems", "minProperties")
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
        starts_no_later = (self.low, not self.has_low) <= (other.low, not other.has_low)
        return starts_no_later and (self.high, self.has_high) >= (other.high, other.has_high)

    def within(self, other: Interval) -> Interval:
        """Return the interval of the numbers that are in both."""
        low, is_open = max((self.low, not self.has_low), (other.low, not other.has_low))
        high, has_high = min((self.high, self.has_high), (other.high, other.has_high))
        return Interval(low, high, not is_open, has_high)

    def of_whole_numbers(self) -> Interval:
        """Return the interval between the first and the last whole number in it."""
        low, high = self.low, self.high
        if _is_finite(low):
            low = math.ceil(low) if self.has_low else math.floor(low) + 1
        if _is_finite(high):
            high = math.floor(high) if self.has_high else math.ceil(high) - 1
        return Interval(low, high)


def read_limits(rule: Mapping[str, object]) -> tuple[Interval, ...] | None:
    """Read what a rule's operator or option lets through; None where it cannot be told."""
    named = [name for name in LIMITS if rule.get(name) is not None]
    if len(named) != 1:
        return None
    name, value = named[0], rule[named[0]]
    values = value if isinstance(value, list) else [value]
    numbers = [number for each in values if (number := _number(each)) is not None]
    if not numbers or len(numbers) < len(values):
        return None
    low, high = numbers[0], numbers[-1]
    if name in _ABOVE:
        return (Interval(low=low, has_low=_ABOVE[name]),)
    if name in _BELOW:
        return (Interval(high=high, has_high=_BELOW[name]),)
    if name in ("mustBe", "mustBeBetween"):
        return (Interval(low, high),)
    return (Interval(high=low, has_high=False), Interval(low=high, has_low=False))


def asks_nothing(option: str, value: object, *, is_whole: bool) -> bool:
    """Tell whether whatever there is keeps an option: nothing is shorter than 0.

    ``is_whole`` says that it is an option of whole numbers, which all are multiples of 1.
    """
    if option == "multipleOf":
        is_number = isinstance(value, int | float) and _is_finite(value)
        return is_whole and is_number and 1 % Fraction(str(value)) == 0
    return value is False if option == "uniqueItems" else option in _SIZES and value == 0


def find_conflict(options: Mapping[str, object], *, is_whole: bool) -> tuple[str, str] | None:
    """Find a lower and an upper limit among options between which nothing lies.

    ``is_whole`` says that they are limits of whole numbers.
    """
    found = {name: read_limits({name: value}) for name, value in options.items()}
    sides = {
        name: limits[0].of_whole_numbers() if is_whole else limits[0]
        for name, limits in found.items()
        if limits
    }
    for (name, one), (other_name, other) in permutations(sides.items(), 2):
        has_both = one.has_low and other.has_high
        if one.low > other.high or (one.low == other.high and not has_both):
            return name, other_name
    return None


def _is_finite(number: float) -> bool:
    # A whole number may be beyond what any float holds.
    return isinstance(number, int) or math.isfinite(number)


def _number(value: object) -> float | None:
    """Turn a limit into a number: a day or an instant into its second, None where it is none.

    A whole number stays one: beyond 2^53 two of them are one and the same float. True is 1 and
    false 0, as DuckDB compares them.
    """
    if isinstance(value, int | float):
        return value
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
