"""Foreign keys, expectations and service levels are compared as they are meant."""

from __future__ import annotations

import copy

import pytest
from contract_diffs import (
    Edit,
    diff,
    keep,
    mostly,
    rule,
)
from contract_files import Document, column, custom, schema


def expectation(implementation: object) -> Edit:
    return rule(1, implementation=implementation)


WRITTEN = "type: expect_x\nkwargs:\n  column: day\n  mostly: {mostly}\n"


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (
            keep,
            expectation(WRITTEN.format(mostly=0.9)),
            [("the rule 'custom': its texts are changed", "")],
        ),
        (
            expectation(WRITTEN.format(mostly=0.9)),
            expectation(WRITTEN.format(mostly=0.95)),
            [("the rule 'custom' is tightened", "producers")],
        ),
        (
            expectation({"type": "expect_x", "kwargs": {"min_value": "2020-01-01"}}),
            expectation("type: expect_x\nkwargs: {min_value: 2020-01-01}"),
            [("the rule 'custom': its texts are changed", "")],
        ),
        (
            expectation(WRITTEN.format(mostly=0.9)),
            mostly(0.5),
            [("the rule 'custom' is loosened", "consumers")],
        ),
        (
            expectation(WRITTEN.format(mostly=0.9)),
            expectation(WRITTEN.format(mostly=0.9).replace("expect_x", "expect_y")),
            [("the rule 'custom' is changed", "consumers producers")],
        ),
        (
            mostly(0.9),
            expectation({"type": "expect_x", "kwargs": {"column": "day", "mostly": "most"}}),
            [("the rule 'custom' is changed", "consumers producers")],
        ),
    ],
    ids=["other form", "text tightened", "a day", "text loosened", "other type", "no share"],
)
def test_an_expectation_is_compared_in_either_form(
    before: Edit, after: Edit, changes: list[tuple[str, str]]
) -> None:
    found = diff(before, after).changes
    assert [(each.what, " ".join(each.breaks)) for each in found] == changes


def critical(document: Document) -> None:
    """Have the promised volume stop the run."""
    said = [{"property": "severity", "value": "critical"}]
    document["slaProperties"][2]["customProperties"] = said


def critical_and(value: int, most: int) -> Edit:
    def change(document: Document) -> None:
        critical(document)
        document["slaProperties"][2].update(value=value, valueExt=most)

    return change


@pytest.mark.parametrize(
    ("edit", "broken"),
    [
        (critical_and(6, 20), "producers"),
        (critical_and(5, 30), "consumers"),
        (critical_and(6, 30), "consumers producers"),
    ],
    ids=["narrower", "wider", "elsewhere"],
)
def test_a_critical_service_level_breaks_whom_a_critical_rule_would(
    edit: Edit, broken: str
) -> None:
    (found,) = diff(critical, edit).changes
    assert " ".join(found.breaks) == broken


def rules(*quality: Document, of: str = "") -> Edit:
    """State these rules alone, of a column where one is named."""

    def change(document: Document) -> None:
        owner = column(document, of) if of else schema(document)
        owner["quality"] = [dict(each) for each in quality]

    return change


FEW = {"name": "few", "metric": "nullValues", "mustBeLessThan": 5}
FOUR = {"name": "few", "metric": "nullValues", "mustBeLessOrEqualTo": 4}
SHARE = {"unit": "percent"}
VALID = {"name": "valid", "metric": "invalidValues"}
PAIRS = {"name": "once", "metric": "duplicateValues", "mustBe": 0}
SUM = {"name": "sum", "type": "sql", "mustBe": 3}
OWN = {"name": "own", "type": "custom", "engine": "assay"}


def _valid(*values: str, **limit: object) -> Document:
    return VALID | limit | {"arguments": {"validValues": list(values)}}


def _pairs(*columns: str) -> Document:
    return PAIRS | {"arguments": {"properties": list(columns)}}


@pytest.mark.parametrize(
    ("of", "before", "after", "told"),
    [
        ("price", FEW, FEW | {"unit": "rows"}, ": its texts are changed"),
        ("price", FEW, FEW | {"type": "library"}, ": its texts are changed"),
        ("price", FEW, FOUR, ": its texts are changed"),
        ("price", FEW | SHARE, FOUR | SHARE, " is tightened: producers"),
        ("price", FEW, FEW | {"unit": "percent"}, " is changed: consumers producers"),
        ("", _pairs("id", "day"), _pairs("day", "id"), ": its texts are changed"),
        ("", _pairs("id", "day"), _pairs("id"), " is tightened: producers"),
        ("", _pairs("id"), _pairs("id", "day"), " is loosened: consumers"),
        ("", _pairs("id", "day"), _pairs("id", "at"), " is changed: consumers producers"),
        (
            "",
            SUM | {"query": "select count(*) from ${object}"},
            SUM | {"query": "select count(*)\n  from ${object};\n"},
            ": its texts are changed",
        ),
        (
            "",
            SUM | {"query": "select count(*) from ${object} where status = 'a  b'"},
            SUM | {"query": "select count(*) from ${object} where status = 'a b'"},
            " is changed: consumers producers",
        ),
        (
            "",
            SUM | {"query": "select count(*) from ${object} where status = $$a  b$$"},
            SUM | {"query": "select count(*) from ${object} where status = $$a b$$"},
            " is changed: consumers producers",
        ),
        (
            "",
            OWN | {"implementation": "status <> $of$a  b$of$"},
            OWN | {"implementation": "status <> $of$a b$of$"},
            " is changed: consumers producers",
        ),
        (
            "",
            SUM | {"query": "select bool_and(id > 0) from ${object}", "mustBe": True},
            SUM | {"query": "select bool_and(id > 0) from ${object}", "mustBe": False},
            " is changed: consumers producers",
        ),
        (
            "",
            OWN | {"implementation": "id > 0 and id < 9"},
            OWN | {"implementation": "id > 0\n  and id < 9\n"},
            ": its texts are changed",
        ),
        (
            "status",
            _valid("a", mustBeLessThan=9),
            _valid("a", "b", mustBeLessThan=9),
            " is loosened: consumers",
        ),
        (
            "status",
            _valid("a", mustBeGreaterThan=9),
            _valid("a", "b", mustBeGreaterThan=9),
            " is changed: consumers producers",
        ),
        (
            "status",
            _valid("a", mustBeBetween=[0, 9]),
            _valid("a", "b", mustBeBetween=[0, 9]),
            " is loosened: consumers",
        ),
    ],
)
def test_a_rule_is_compared_by_what_it_lets_through(
    of: str, before: Document, after: Document, told: str
) -> None:
    (found,) = diff(rules(before, of=of), rules(after, of=of)).changes
    title = f"the rule '{before['name']}'" + (f" of column '{of}'" if of else "")
    broken = f": {' '.join(found.breaks)}" if found.breaks else ""
    assert f"{found.what}{broken}" == f"{title}{told}"
    assert found.is_text is (told == ": its texts are changed")


QUERY = SUM | {"query": "select count(*) from ${object}"}
MAXIMUM = {"type": "expect_column_max_to_be_between", "kwargs": {"column": "price", "max_value": 9}}
COUNT = {"name": "some", "metric": "rowCount"}
THERE = {"name": "there", "metric": "nullValues", "mustBe": 0}
CHECKED = {"name": "checked", "type": "custom", "engine": "greatExpectations"}


def _kwargs(**changed: object) -> Document:
    kwargs = {**MAXIMUM["kwargs"], **changed}
    return CHECKED | {"implementation": MAXIMUM | {"kwargs": kwargs}}


@pytest.mark.parametrize(
    ("of", "before", "after"),
    [
        ("", QUERY | {"unit": "rows"}, QUERY),
        ("", QUERY, QUERY | {"query": "select count(*) from {table}"}),
        ("", COUNT | {"mustBeGreaterThan": 0}, COUNT | {"mustBeGreaterOrEqualTo": 1}),
        ("price", THERE, THERE | {"unit": "percent"}),
        ("price", _kwargs(mostly=None), _kwargs()),
        (
            "price",
            _kwargs(),
            CHECKED | {"implementation": MAXIMUM | {"kwargs": {"max_value": 9}}},
        ),
    ],
    ids=["label", "table", "next number", "no percent", "no argument", "own column"],
)
def test_a_rule_that_asks_the_same_is_the_same(of: str, before: Document, after: Document) -> None:
    found = diff(rules(before, of=of), rules(after, of=of)).changes
    title = f"the rule '{before['name']}'" + (f" of column '{of}'" if of else "")
    assert [(each.what, each.step.name) for each in found] == [
        (f"{title}: its texts are changed", "PATCH")
    ]


LIST: Document = {"name": "tags", "logicalType": "array", "items": {"logicalType": "string"}}


@pytest.mark.parametrize(
    ("option", "vacuous", "asking"),
    [("uniqueItems", False, True), ("minItems", 0, 2), ("minLength", 0, 2)],
)
def test_an_option_that_all_keep_breaks_nobody(
    option: str, vacuous: object, asking: object
) -> None:
    def has(*values: object) -> Edit:
        def change(document: Document) -> None:
            tags = copy.deepcopy(LIST)
            for value in values:
                of = tags["items"] if option == "minLength" else tags
                of["logicalTypeOptions"] = {option: value}
            schema(document)["properties"].append(tags)

        return change

    name = "tags.items" if option == "minLength" else "tags"
    title = f"{option} of column '{name}'"
    found = [
        [(each.what, each.step.name, " ".join(each.breaks)) for each in diff(*sides).changes]
        for sides in (
            (has(), has(vacuous)),
            (has(vacuous), has()),
            (has(vacuous), has(asking)),
        )
    ]
    assert found == [
        [(f"{title} is added", "PATCH", "")],
        [(f"{title} is removed", "PATCH", "")],
        [(f"{title} is tightened from {vacuous} to {asking}", "MAJOR", "producers")],
    ]


NONE = {"metric": "nullValues", "mustBe": 0}
SOME = {"metric": "nullValues", "mustBeLessThan": 5, "severity": "warning"}
SAID = {"type": "text", "description": "Prices are net."}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (
            [NONE],
            [NONE | {"name": "priced"}],
            [("the rule 'priced': its name is priced, before it was not given", "MINOR")],
        ),
        (
            [NONE | {"name": "priced"}],
            [NONE | {"name": "has_price"}],
            [("the rule 'has_price': its name is has_price, before it was priced", "MINOR")],
        ),
        ([NONE, SOME], [SOME, NONE], []),
        ([NONE, SOME], [SOME], [("the rule 'nullValues' is removed", "MAJOR")]),
        (
            [NONE],
            [SOME | {"name": "priced"}],
            [
                ("the rule 'nullValues' is removed", "MAJOR"),
                ("the rule 'priced' is added", "MINOR"),
            ],
        ),
        ([], [SAID], [("the rule 'text' is added", "PATCH")]),
        ([SAID], [], [("the rule 'text' is removed", "PATCH")]),
        (
            [SAID | {"name": "net"}],
            [SAID | {"name": "gross", "description": "Prices are gross."}],
            [("the rule 'net' is removed", "PATCH"), ("the rule 'gross' is added", "PATCH")],
        ),
    ],
    ids=[
        "named",
        "renamed",
        "swapped",
        "first removed",
        "another",
        "text added",
        "text removed",
        "another text",
    ],
)
def test_a_rule_is_found_again(
    before: list[Document], after: list[Document], changes: list[tuple[str, str]]
) -> None:
    found = diff(rules(*before, of="price"), rules(*after, of="price")).changes
    of = " of column 'price'"
    assert [(each.what.replace(of, ""), each.step.name) for each in found] == changes


def test_the_order_of_texts_for_null_is_nothing_that_breaks() -> None:
    def texts(*listed: str) -> Edit:
        return lambda document: custom(document, "nullTexts", list(listed))

    assert diff(texts("", "NA"), texts("NA", "")).changes == ()
    assert diff(texts("", "NA"), texts("NA")).changes
