"""Which types hold every value of another one."""

from __future__ import annotations

import re
from typing import NamedTuple

# Digits that a type's largest number has, and one fewer: so many it holds whatever they are.
_INTEGERS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
# Whole numbers of so many digits are exact in it.
_EXACT_DIGITS = {"float": 7, "double": 15}
_DECIMAL = re.compile(r"decimal\((\d+), (\d+)\)")


def holds_all(old: str, new: str) -> bool:
    """Tell whether a column of the new type can hold every value of the old one."""
    if new in (old, "varchar"):
        return True
    if old == "float" and new == "double":
        return True
    held, holding = _digits(old), _digits(new)
    if held is None:
        return False
    if new in _EXACT_DIGITS:
        return not held.behind and held.whole <= _EXACT_DIGITS[new]
    if holding is None:
        return False
    whole = holding.whole - (new in _INTEGERS)
    return held.whole <= whole and held.behind <= holding.behind


class _Digits(NamedTuple):
    """How many digits before and behind the point a type of exact numbers holds."""

    whole: int
    behind: int


def _digits(data_type: str) -> _Digits | None:
    found = _DECIMAL.fullmatch(data_type)
    if found:
        return _Digits(int(found[1]) - int(found[2]), int(found[2]))
    return _Digits(_INTEGERS[data_type], 0) if data_type in _INTEGERS else None
