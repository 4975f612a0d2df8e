"""The operators of ODCS quality rules, such as ``mustBeGreaterThan``: what a figure may be.

Source: Open Data Contract Standard v3.1, "Data Quality", section "Valid values for operators".
"""

from __future__ import annotations

import math
import operator as compare
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from open_data_contract_standard.model import DataQuality

from assay.contracts.place import Place
from assay.contracts.predicates import number_literal
from assay.errors import ContractError

Number = int | float
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
# When it keeps the rule, in Python.
_KEPT: Mapping[str, Callable[..., bool]] = {
    "mustBe": compare.eq,
    "mustNotBe": compare.ne,
    "mustBeGreaterThan": compare.gt,
    "mustBeGreaterOrEqualTo": compare.ge,
    "mustBeLessThan": compare.lt,
    "mustBeLessOrEqualTo": compare.le,
    "mustBeBetween": lambda figure, low, high: low <= figure <= high,
    "mustNotBeBetween": lambda figure, low, high: not low <= figure <= high,
}


@dataclass(frozen=True)
class Limit:
    """What an operator lets a figure be: ``values`` are one number or boolean, or two numbers."""

    operator: str
    values: tuple[Number, ...]

    def __str__(self) -> str:
        """Write it in words, as in ``must be less than 5``."""
        words = re.sub("([A-Z])", lambda found: f" {found[1].lower()}", self.operator)
        return f"{words} {' and '.join(map(str, self.values))}"

    def broken_when(self) -> str:
        """Write the SQL condition under which ``figure`` breaks the rule."""
        texts = [
            str(each).lower() if isinstance(each, bool) else number_literal(each)
            for each in self.values
        ]
        return _BROKEN[self.operator].format(*texts)

    def keeps(self, figure: Number) -> bool:
        """Tell whether a figure keeps the rule."""
        return _KEPT[self.operator](figure, *self.values)

    def kept_counts(self) -> list[Number]:
        """List counts of rows that keep the rule, at least one for each stretch of them."""
        near = {math.floor(each) + step for each in self.values for step in (-1, 0, 1, 2)}
        return self._kept({0, 1, *(each for each in near if each >= 0)})

    def kept_shares(self) -> list[Number]:
        """List percentages that keep the rule, at least one for each stretch of them."""
        ends = sorted({0, 100, *(each for each in self.values if 0 <= each <= 100)})
        between = [(low + high) / 2 for low, high in pairwise(ends)]
        return self._kept([*ends, *between])

    def _kept(self, figures: Iterable[Number]) -> list[Number]:
        return sorted(each for each in figures if self.keeps(each))

    def count_bounds(self) -> tuple[int | None, int | None] | None:
        """Return the least and the most rows that keep the rule; None where it leaves a gap."""
        first, last = self.values[0], self.values[-1]
        bounds: dict[str, tuple[int | None, int | None]] = {
            "mustBe": (math.ceil(first), math.floor(first)),
            "mustBeGreaterThan": (math.floor(first) + 1, None),
            "mustBeGreaterOrEqualTo": (math.ceil(first), None),
            "mustBeLessThan": (None, math.ceil(last) - 1),
            "mustBeLessOrEqualTo": (None, math.floor(last)),
            "mustBeBetween": (math.ceil(first), math.floor(last)),
        }
        return bounds.get(self.operator)


def read_limit(quality: DataQuality, place: Place, *, may_be_boolean: bool = False) -> Limit:
    """Read a rule's one operator.

    Raises:
        ContractError: there is not exactly one operator, or its value is not a number, of a
            range not two in order.
    """
    given = [each for each in _BROKEN if getattr(quality, each) is not None]
    if len(given) != 1:
        raise ContractError(
            f"{title(quality)} has {', '.join(given) if given else 'no operator'}",
            where=place,
            todo=f"give it exactly one of {', '.join(_BROKEN)}",
        )
    value = getattr(quality, given[0])
    values = tuple(value) if isinstance(value, list) else (value,)
    if may_be_boolean and isinstance(value, bool) and given[0] in ("mustBe", "mustNotBe"):
        return Limit(given[0], values)
    is_range = given[0].endswith("Between")
    is_sound = isinstance(value, list) is is_range and all(map(_is_number, values))
    if not is_sound or values[0] > values[-1]:
        raise ContractError(
            f"{title(quality)} says {given[0]}: {value!r}",
            where=place.at(given[0]),
            todo="give it a number, or for a range two, the smaller one first",
        )
    return Limit(given[0], values)


def title(quality: DataQuality) -> str:
    """Name a rule in an error."""
    return f"the rule '{quality.name or quality.metric or quality.type or 'library'}'"


def _is_number(value: object) -> bool:
    is_numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return is_numeric and math.isfinite(float(str(value)))
