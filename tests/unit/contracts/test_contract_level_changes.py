"""Service levels are compared as they are meant: by what they promise, however it is written."""

from __future__ import annotations

import pytest
from contract_diffs import Edit, diff
from contract_files import Document


def levels(*entries: Document) -> Edit:
    return lambda document: document.update(slaProperties=[dict(each) for each in entries])


def level(name: str, value: object, unit: str = "", **more: object) -> Document:
    said: Document = {"property": name, "value": value, **more}
    return said | ({"unit": unit} if unit else {})


LATENCY = level("latency", 4, "h", element="orders.at")


@pytest.mark.parametrize(
    "after",
    [
        levels(LATENCY | {"element": "at"}),
        levels(LATENCY | {"property": "ly"}),
        levels(LATENCY | {"property": "Freshness"}),
    ],
    ids=["without the table", "its short name", "its other name"],
)
def test_a_level_that_is_written_otherwise_is_the_same(after: Edit) -> None:
    (change,) = diff(levels(LATENCY), after).changes
    assert change.is_text
    assert change.what.endswith("its texts are changed")


def test_a_column_that_joins_a_level_is_an_added_one() -> None:
    (text, added) = diff(levels(LATENCY), levels(LATENCY | {"element": "at, day"})).changes
    assert (text.is_text, added.what) == (True, "the service level latency of day is added: 4 h")


@pytest.mark.parametrize(
    ("name", "old", "new", "breaks"),
    [
        ("availability", 99, 99.9, ""),
        ("av", 99.9, 99, "consumers"),
        ("retention", 3, 5, ""),
        ("retention", 5, 3, "consumers"),
        ("timeToRepair", 8, 4, ""),
        ("errorRate", 1, 2, "consumers"),
        ("endOfLife", "2030-01-31", "2031-01-31", ""),
        ("endOfLife", "2031-01-31T00:00:00Z", "2030-01-31", "consumers"),
        ("availability", "99 %", "always", "consumers"),
        ("timeOfAvailability", "09:00", "08:00", "consumers"),
    ],
)
def test_a_level_for_people_breaks_nobody_where_it_promises_more(
    name: str, old: object, new: object, breaks: str
) -> None:
    (change,) = diff(levels(level(name, old, "d")), levels(level(name, new, "d"))).changes
    assert (" ".join(change.breaks), change.is_text) == (breaks, False)


def test_levels_for_people_in_other_units_are_not_compared() -> None:
    before, after = levels(level("retention", 3, "y")), levels(level("retention", 40, "d"))
    assert [each.breaks for each in diff(before, after).changes] == [("consumers",)]
