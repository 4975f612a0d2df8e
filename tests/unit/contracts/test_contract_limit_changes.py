"""A column's limits are compared as numbers, whichever option says them."""

from __future__ import annotations

import pytest
from contract_diffs import Edit, diff
from contract_files import Document, says


@pytest.mark.parametrize(
    ("name", "before", "after", "way"),
    [
        ("multipleOf", 0.1, 0.3, "tightened"),
        ("multipleOf", 10**40, 10, "loosened"),
        ("minimum", 2**53, 2**53 + 1, "tightened"),
        ("maximum", 10**400, 10**400 + 1, "loosened"),
    ],
    ids=["fractions", "many digits", "no float tells apart", "no float holds"],
)
def test_numbers_are_compared_as_they_are_written(
    name: str, before: float, after: float, way: str
) -> None:
    def limit(to: float) -> Edit:
        return says("price", logicalTypeOptions={name: to})

    (found,) = diff(limit(before), limit(after)).changes
    assert (found.what, " ".join(found.breaks)) == (
        f"{name} of column 'price' is {way} from {before} to {after}",
        "producers" if way == "tightened" else "consumers",
    )


BOUND = {
    "whole numbers alike": ("id", {"minimum": 1}, {"exclusiveMinimum": 0}, ""),
    "whole numbers apart": (
        "id",
        {"exclusiveMaximum": 9},
        {"maximum": 9},
        "loosened: it is maximum 9, before it was exclusiveMaximum 9",
    ),
    "fractions": (
        "price",
        {"minimum": 0},
        {"exclusiveMinimum": 0},
        "tightened: it is exclusiveMinimum 0, before it was minimum 0",
    ),
    "the looser of two": ("price", {"minimum": 0}, {"minimum": 0, "exclusiveMinimum": -1}, ""),
    "the tighter of two": (
        "price",
        {"minimum": 0, "exclusiveMinimum": 0},
        {"minimum": 0},
        "loosened: it is minimum 0, before it was minimum 0 and exclusiveMinimum 0",
    ),
    "days": (
        "day",
        {"minimum": "2026-01-01"},
        {"exclusiveMinimum": "2026-01-01"},
        "tightened: it is exclusiveMinimum 2026-01-01, before it was minimum 2026-01-01",
    ),
}


@pytest.mark.parametrize(("of", "before", "after", "told"), BOUND.values(), ids=BOUND)
def test_a_limit_is_one_rule_whichever_option_says_it(
    of: str, before: Document, after: Document, told: str
) -> None:
    (found,) = diff(says(of, logicalTypeOptions=before), says(of, logicalTypeOptions=after)).changes
    title = f"{' and '.join(after)} of column '{of}'"
    assert found.what == (f"{title} is {told}" if told else f"{title}: its texts are changed")
    party = {"t": ["producers"], "l": ["consumers"], "": []}[told[:1]]
    assert [*found.breaks] == party
    assert found.is_text is not bool(told)


@pytest.mark.parametrize(("multiple", "is_text"), [(1, True), (0.5, True), (2, False)])
def test_all_whole_numbers_are_multiples_of_one(multiple: float, is_text: bool) -> None:
    options = {"minimum": 1}, {"minimum": 1, "multipleOf": multiple}
    (found,) = diff(*(says("id", logicalTypeOptions=each) for each in options)).changes
    assert found.what == "multipleOf of column 'id' is added"
    assert (found.is_text, [*found.breaks]) == (is_text, [] if is_text else ["producers"])
