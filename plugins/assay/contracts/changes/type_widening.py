"""Which types hold every value of another one."""

from __future__ import annotations

import re

# Digits that a type's largest number has, and one fewer: so many it holds whatever they are.
_INTEGERS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
# Whole numbers of so many digits are exact in it.
_EXACT_DIGITS = {"float": 7, "double": 15}
_DECIMAL = re.compile(r"decimal\((\d+), (\d+)\)")


def holds_all(old: str, new: str) -> bool:
    """Tell whether a column of the new type can hold every value of the old one."""
    if new in (old, "varchar"):
        return True
    whole_old, behind_old = _digits(old)
    whole_new, behind_new = _digits(new)
    if new in _INTEGERS:
        whole_new -= 1
    if new in _EXACT_DIGITS:
        if old == "float":
            return True
        return bool(whole_old) and not behind_old and whole_old <= _EXACT_DIGITS[new]
    return bool(whole_old) and whole_old <= whole_new and behind_old <= behind_new


def _digits(data_type: str) -> tuple[int, int]:
    """Digits before and behind the point that a type of exact numbers holds; 0, 0 for others."""
    found = _DECIMAL.fullmatch(data_type)
    if found:
        return int(found[1]) - int(found[2]), int(found[2])
    return _INTEGERS.get(data_type, 0), 0
