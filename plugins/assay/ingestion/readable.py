"""Whether a delivered text could be a value of a type, and what kind of values texts are.

Never stricter than the models that read bronze: what they can read is readable here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from math import isfinite

_INTEGER = re.compile(r"\s*[+-]?[0-9]+(\.0*|[eE]\+?[0-9]{1,2})?\s*")
_DAY = re.compile(r"\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*")
_INSTANT = re.compile(
    r"\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(\s+|T)[0-9:]+(\.[0-9]+)? ?[A-Za-z0-9_/:+-]*\s*"
)
_TRUTHS = {"true", "false", "t", "f", "yes", "no", "y", "n", "on", "off", "1", "0"}
_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def is_readable(text: str, data_type: str) -> bool:
    """Tell whether a text could be read as a value of a DuckDB type; a nested one as JSON."""
    if data_type.endswith("]") or data_type.startswith("struct("):
        return text.strip()[:1] == ("[" if data_type.endswith("]") else "{")
    if data_type in _BITS:
        return _is_integer(text, _BITS[data_type])
    return _READERS.get(data_type.partition("(")[0], _is_anything)(text)


def name_kind(texts: Iterable[str]) -> str:
    """Name what all the texts are: integers, numbers, dates, timestamps, truth values or texts."""
    kinds = dict(_KINDS)
    for text in texts:
        kinds = {name: reads for name, reads in kinds.items() if reads(text)}
        if not kinds:
            break
    return next(iter(kinds), "texts")


def _is_integer(text: str, bits: int) -> bool:
    if _INTEGER.fullmatch(text) is None:
        return False
    limit = 1 << (bits - 1)
    return -limit <= Decimal(text.strip()) < limit


def _is_number(text: str) -> bool:
    try:
        return "_" not in text and isfinite(float(text))
    except ValueError:
        return False


def _is_decimal(text: str) -> bool:
    try:
        return "_" not in text and Decimal(text.strip()).is_finite()
    except InvalidOperation:
        return False


def _is_truth(text: str) -> bool:
    return text.strip().casefold() in _TRUTHS


def _is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None


def _is_instant(text: str) -> bool:
    return _INSTANT.fullmatch(text) is not None


def _is_anything(text: str) -> bool:
    return True


_READERS: Mapping[str, Callable[[str], bool]] = {
    "float": _is_number,
    "double": _is_number,
    "decimal": _is_decimal,
    "boolean": _is_truth,
    "date": _is_day,
    "timestamp": _is_instant,
    "timestamp with time zone": _is_instant,
}
_KINDS: Mapping[str, Callable[[str], bool]] = {
    "whole numbers": lambda text: _INTEGER.fullmatch(text) is not None,
    "numbers": _is_number,
    "days": _is_day,
    "timestamps": _is_instant,
    "truth values": _is_truth,
}
