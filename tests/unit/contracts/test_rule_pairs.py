"""The rules of two versions are paired without comparing each with each."""

from __future__ import annotations

import pytest

from assay.contracts.changes.change import Direction
from assay.contracts.changes.rule import Document, Rule, compare_rules
from assay.domain import Severity

COUNT = 300


class Counted(tuple[str, ...]):
    """An identity that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return super().__eq__(other)

    __hash__ = tuple.__hash__


def _same(old: Document, new: Document) -> Direction:
    Counted.compared += 1
    return Direction.SAME


def _rules(says: str, *, named: str) -> dict[tuple[str, ...], Rule]:
    return {
        Counted((f"c{n}", "quality", named, "1")): Rule(
            f"rule {n}", Severity.CRITICAL, {"says": says}, (), _same
        )
        for n in range(COUNT)
    }


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (_rules("a", named="one"), []),
        (_rules("b", named="one"), [f"rule {n}: its texts are changed" for n in range(COUNT)]),
        (_rules("b", named="two"), [f"rule {n}: its texts are changed" for n in range(COUNT)]),
    ],
    ids=["unchanged", "changed", "renamed"],
)
def test_no_rule_is_compared_with_every_other(
    other: dict[tuple[str, ...], Rule], told: list[str]
) -> None:
    Counted.compared = 0
    changes = list(compare_rules(_rules("a", named="one"), other))
    assert [each.what for each in changes] == told
    assert Counted.compared < 20 * COUNT
