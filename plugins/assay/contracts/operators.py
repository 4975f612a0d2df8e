"""The operators of ODCS quality rules, such as ``mustBeGreaterThan``.

Source: Open Data Contract Standard v3.1, "Data Quality", section "Valid values for operators".
"""

from __future__ import annotations

import math

from open_data_contract_standard.model import DataQuality

from assay.contracts.place import Place
from assay.errors import ContractError

_OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
# When a figure breaks the rule, in SQL.
_BROKEN = {
    "mustBe": "figure <> {0}",
    "mustNotBe": "figure = {0}",
    "mustBeGreaterThan": "figure <= {0}",
    "mustBeGreaterOrEqualTo": "figure < {0}",
    "mustBeLessThan": "figure >= {0}",
    "mustBeLessOrEqualTo": "figure > {0}",
    "mustBeBetween": "figure < {0} or figure > {1}",
    "mustNotBeBetween": "figure between {0} and {1}",
}

Number = int | float


def figure_is_broken(quality: DataQuality, place: Place) -> str:
    """Write the SQL condition under which ``figure`` breaks the rule.

    Raises:
        ContractError: there is not exactly one operator, or its value is not a number.
    """
    operator, numbers = _operator(quality, place)
    return _BROKEN[operator].format(*numbers)


def row_count_bounds(quality: DataQuality, place: Place) -> tuple[int | None, int | None]:
    """Turn the rule's operator into the least and the most rows that keep it.

    Raises:
        ContractError: there is not exactly one operator, its value is not a number, or the
            operator leaves a gap that two bounds cannot say.
    """
    operator, numbers = _operator(quality, place)
    first, last = numbers[0], numbers[-1]
    bounds: dict[str, tuple[int | None, int | None]] = {
        "mustBe": (math.ceil(first), math.floor(first)),
        "mustBeGreaterThan": (math.floor(first) + 1, None),
        "mustBeGreaterOrEqualTo": (math.ceil(first), None),
        "mustBeLessThan": (None, math.ceil(last) - 1),
        "mustBeLessOrEqualTo": (None, math.floor(last)),
        "mustBeBetween": (math.ceil(first), math.floor(last)),
    }
    if operator not in bounds:
        raise ContractError(
            f"{_name(quality)} says {operator}, which cannot be compiled for rowCount",
            where=place.at(operator),
            todo=f"use one of {', '.join(bounds)}, or an sql rule",
        )
    low, high = bounds[operator]
    if (low is not None and high is not None and low > high) or (high is not None and high < 0):
        raise ContractError(
            f"{_name(quality)} can never be kept: no count of rows fits {operator}",
            where=place.at(operator),
        )
    return low, high


def require_zero(quality: DataQuality, metric: str, place: Place) -> None:
    """Make sure that a rule allows no row to break it.

    Raises:
        ContractError: it says anything but ``mustBe: 0`` or ``mustBeLessOrEqualTo: 0``, or
            speaks of a share.
    """
    operator, numbers = _operator(quality, place)
    if operator not in ("mustBe", "mustBeLessOrEqualTo") or numbers != (0,):
        raise ContractError(
            f"the metric '{metric}' must say `mustBe: 0`: {_name(quality)} says {operator}"
            f" {', '.join(map(str, numbers))}",
            where=place.at(operator),
            todo="a number of rows that may break a rule cannot be compiled for this metric;"
            " give the rule `severity: warning`, or write an sql rule",
        )


def require_rows(quality: DataQuality, place: Place) -> None:
    """Make sure that a rule counts rows.

    Raises:
        ContractError: it has another unit.
    """
    if quality.unit not in (None, "", "rows"):
        raise ContractError(
            f"{_name(quality)} has the unit '{quality.unit}'",
            where=place.at("unit"),
            todo="a library rule counts rows: leave the unit out, or write an sql rule"
            " whose query returns the share",
        )


def _operator(quality: DataQuality, place: Place) -> tuple[str, tuple[Number, ...]]:
    given = [each for each in _OPERATORS if getattr(quality, each) is not None]
    if len(given) != 1:
        raise ContractError(
            f"{_name(quality)} has {', '.join(given) if given else 'no operator'}",
            where=place,
            todo=f"give it exactly one of {', '.join(_OPERATORS)}",
        )
    value = getattr(quality, given[0])
    numbers = tuple(value) if isinstance(value, list) else (value,)
    if not all(_is_number(each) for each in numbers) or numbers[0] > numbers[-1]:
        raise ContractError(
            f"{_name(quality)} says {given[0]}: {value!r}",
            where=place.at(given[0]),
            todo="give it a number, or for a range two, the smaller one first",
        )
    return given[0], numbers


def _is_number(value: object) -> bool:
    is_numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return is_numeric and math.isfinite(float(str(value)))


def _name(quality: DataQuality) -> str:
    return f"the rule '{quality.name or quality.metric or quality.type}'"
