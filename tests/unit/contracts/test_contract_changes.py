"""Every change of a contract is classified, and demands its step of the version."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from contract_files import ORDERS, Document, column, custom, schema

from assay.contracts.changes import ContractDiff, compare_contracts, read_source
from assay.contracts.changes.columns import holds_all

Edit = Callable[[Document], object]

FILE = Path("contracts/shop/orders.odcs.yaml")
TODAY = date(2026, 6, 1)
LISTED = {"metric": "invalidValues", "arguments": {"validValues": ["new", "paid"]}, "mustBe": 0}
ROWS = {"metric": "rowCount", "name": "rows", "mustBeBetween": [10, 20]}
NULLS = {"type": "custom", "engine": "greatExpectations"}
NULLS |= {"implementation": {"type": "expect_x", "kwargs": {"column": "day", "mostly": 0.9}}}
OWN = {"type": "custom", "engine": "assay", "name": "own", "implementation": "id > 0"}
SQL = {"type": "sql", "name": "sql", "query": "select count(*) from ${object}", "mustBe": 3}


def base(document: Document) -> None:
    """What the changes below start from."""
    column(document, "id")["logicalTypeOptions"] = {"minimum": 1, "multipleOf": 2}
    column(document, "id")["physicalType"] = "integer"
    column(document, "status")["quality"] = [copy.deepcopy(LISTED)]
    column(document, "status")["logicalTypeOptions"] = {"maxLength": 10, "pattern": "[a-z]+"}
    column(document, "day")["required"] = True
    column(document, "day")["logicalTypeOptions"] = {"minimum": "2020-01-01"}
    column(document, "at")["enum"] = [{"value": "2020-01-01"}]
    column(document, "at")["unique"] = True
    column(document, "status")["relationships"] = [{"to": "states.code"}]
    schema(document)["quality"] = [copy.deepcopy(each) for each in (ROWS, NULLS, OWN, SQL)]
    document["servers"] = [
        {"server": "in", "type": "local", "path": "shop/*.csv", "format": "csv"},
        {"server": "more", "environment": "test", "type": "local", "path": "b", "format": "csv"},
    ]
    document["slaProperties"] = [
        {"property": "latency", "value": 4, "unit": "h", "element": "orders.at"}
    ]
    document["status"] = "deprecated"
    document["slaProperties"] += [
        {"property": "endOfSupport", "value": "2027-01-01"},
        {"property": "volume", "value": 5, "valueExt": 20, "unit": "rows"},
    ]
    measures = [
        {"measure": "nullShare", "column": "at"},
        {"measure": "rows", "severity": "critical", "score": 6},
    ]
    custom(document, "watch", {"day": "day", "measures": measures})


def diff(
    before: Edit | None, after: Edit | None, *, table: str = "silver", today: date = TODAY
) -> ContractDiff:
    """Compare two changes of one contract: None where there is no file."""
    sides = []
    for edit in (before, after):
        document = copy.deepcopy(ORDERS)
        if edit is not None:
            base(document)
            edit(document)
            if table == "gold":
                custom(document, "deliveryMode", None)
                custom(document, "layer", "gold")
            text = yaml.safe_dump(document, sort_keys=False)
            sides.append([read_source(FILE, text.encode())])
        else:
            sides.append([])
    (found,) = compare_contracts(*sides, today)
    return found


def keep(document: Document) -> None:
    return None


def option(name: str, of: str, value: object) -> Edit:
    return lambda document: column(document, of)["logicalTypeOptions"].update({name: value})


def says(of: str, **values: object) -> Edit:
    return lambda document: column(document, of).update(values)


def rule(position: int, **values: object) -> Edit:
    return lambda document: schema(document)["quality"][position].update(values)


def drop(of: str, key: str) -> Edit:
    return lambda document: column(document, of).pop(key)


def without_column(document: Document) -> None:
    schema(document)["properties"].pop(1)


def added_column(document: Document) -> None:
    schema(document)["properties"].append({"name": "note", "logicalType": "string"})


def renamed_column(document: Document) -> None:
    column(document, "price")["name"] = "amount"


def renamed_in_lake(document: Document) -> None:
    column(document, "price").update(name="amount", physicalName="price")


def valid_values(values: list[str]) -> Edit:
    return lambda document: column(document, "status")["quality"][0].update(
        arguments={"validValues": values}
    )


def operator(**limit: object) -> Edit:
    def change(document: Document) -> None:
        schema(document)["quality"][0].pop("mustBeBetween")
        schema(document)["quality"][0].update(limit)

    return change


def mostly(share: float) -> Edit:
    def change(document: Document) -> None:
        schema(document)["quality"][1]["implementation"]["kwargs"]["mostly"] = share

    return change


def server(position: int, **values: object) -> Edit:
    return lambda document: document["servers"][position].update(values)


def level(position: int, value: object) -> Edit:
    return lambda document: document["slaProperties"][position].update(value=value)


def promised(position: int, **values: object) -> Edit:
    return lambda document: document["slaProperties"][position].update(values)


def watch(document: Document) -> Document:
    properties = schema(document)["customProperties"]
    found: Document = next(each["value"] for each in properties if each["property"] == "watch")
    return found


def upserts(document: Document) -> None:
    custom(document, "deliveryMode", "upsert")


def other_order(document: Document) -> None:
    schema(document)["properties"].reverse()


def new_key(document: Document) -> None:
    column(document, "id").update(primaryKey=False, required=True)
    column(document, "day")["primaryKey"] = True


def leads_mildly(document: Document) -> None:
    said = [{"property": "severity", "value": "warning"}]
    column(document, "status")["relationships"][0]["customProperties"] = said


# What a change is called, and whose work it breaks where the table is landed.
CHANGES: dict[str, tuple[Edit, str]] = {
    "column 'status' is removed": (without_column, "consumers"),
    "column 'note' is added: a delivery without it is refused": (added_column, "producers"),
    "column 'price' is renamed to 'amount'": (renamed_column, "consumers producers"),
    "column 'id': its type is widened from integer to bigint": (
        says("id", physicalType="bigint"),
        "consumers",
    ),
    "column 'id': its type is narrowed from integer to smallint": (
        says("id", physicalType="smallint"),
        "producers",
    ),
    "column 'day': its type is changed from date to timestamp": (
        says("day", physicalType="timestamp"),
        "consumers producers",
    ),
    "column 'price' is read from 'PRICE', before it was 'price'": (
        says("price", physicalName="PRICE"),
        "producers",
    ),
    "column 'price' is required": (says("price", required=True), "producers"),
    "column 'day' is no longer required": (says("day", required=False), "consumers"),
    "column 'price' is unique": (says("price", unique=True), "producers"),
    "column 'at' is no longer unique": (says("at", unique=False), "consumers"),
    "column 'price': its classification is secret, before it was none": (
        says("price", classification="secret"),
        "consumers",
    ),
    "column 'price' is personal data now": (
        says("price", customProperties=[{"property": "personalData", "value": True}]),
        "consumers",
    ),
    "the primary key is (day), before it was (id)": (new_key, "consumers producers"),
    "the columns stand in another order": (other_order, ""),
    "minimum of column 'id' is tightened from 1 to 2": (option("minimum", "id", 2), "producers"),
    "minimum of column 'id' is loosened from 1 to 0": (option("minimum", "id", 0), "consumers"),
    "multipleOf of column 'id' is tightened from 2 to 4": (
        option("multipleOf", "id", 4),
        "producers",
    ),
    "multipleOf of column 'id' is changed from 2 to 3": (
        option("multipleOf", "id", 3),
        "consumers producers",
    ),
    "minimum of column 'day' is loosened from 2020-01-01 to 2019-12-31": (
        option("minimum", "day", "2019-12-31"),
        "consumers",
    ),
    "maxLength of column 'status' is tightened from 10 to 9": (
        option("maxLength", "status", 9),
        "producers",
    ),
    "pattern of column 'status' is changed from [a-z]+ to [A-Z]+": (
        option("pattern", "status", "[A-Z]+"),
        "consumers producers",
    ),
    "format of column 'status' is added": (option("format", "status", "uuid"), "producers"),
    "maximum of column 'id' is added": (option("maximum", "id", 9), "producers"),
    "the list of values of column 'at' is removed": (drop("at", "enum"), "consumers"),
    "the list of values of column 'at' is loosened": (
        says("at", enum=[{"value": "2020-01-01"}, {"value": "2020-01-02"}]),
        "consumers",
    ),
    "the rule 'invalidValues' of column 'status' is tightened": (
        valid_values(["new"]),
        "producers",
    ),
    "the rule 'invalidValues' of column 'status' is loosened": (
        valid_values(["new", "paid", "sent"]),
        "consumers",
    ),
    "the rule 'invalidValues' of column 'status' is changed": (
        valid_values(["new", "sent"]),
        "consumers producers",
    ),
    "the rule 'invalidValues' of column 'status' is removed": (
        drop("status", "quality"),
        "consumers",
    ),
    "the rule 'rows' is tightened": (operator(mustBeBetween=[12, 20]), "producers"),
    "the rule 'rows' is loosened": (operator(mustBeGreaterThan=9), "consumers"),
    "the rule 'rows' is changed": (operator(mustBeLessThan=15), "consumers producers"),
    "the rule 'custom' is tightened": (mostly(0.95), "producers"),
    "the rule 'custom' is loosened": (mostly(0.5), "consumers"),
    "the rule 'own' is changed": (rule(2, implementation="id > 1"), "consumers producers"),
    "the rule 'own' is no longer critical": (rule(2, severity="warning"), "consumers"),
    "the rule 'own' is no longer critical, and changed": (
        rule(2, severity="warning", implementation="id > 1"),
        "consumers producers",
    ),
    "the rule 'sql' is changed": (
        rule(3, query="select 3 from ${object}"),
        "consumers producers",
    ),
    "the rule 'own': its texts are changed": (rule(2, description="other"), ""),
    "the relationship of 'status' to states.code is removed": (
        drop("status", "relationships"),
        "consumers",
    ),
    "the relationship of 'orders.id' to ids.id is added": (
        lambda document: schema(document).update(
            relationships=[{"from": "orders.id", "to": "ids.id"}]
        ),
        "producers",
    ),
    "the relationship of 'status' to states.code is no longer critical": (
        leads_mildly,
        "consumers",
    ),
    "deliveryMode is upsert, before it was append": (upserts, "consumers producers"),
    "nullTexts is ['NA'], before it was ['']": (
        lambda document: custom(document, "nullTexts", ["NA"]),
        "consumers producers",
    ),
    "finalLineBreak is optional now": (
        lambda document: custom(document, "finalLineBreak", "optional"),
        "",
    ),
    "maxQuarantinedShare is 0.1, before it was 1": (
        lambda document: custom(document, "maxQuarantinedShare", 0.1),
        "producers",
    ),
    "sourceSystem is till, before it was shop: bronze is another table": (
        lambda document: custom(document, "sourceSystem", "till"),
        "consumers",
    ),
    "the server 'in': its path is other/*.csv, before it was shop/*.csv": (
        server(0, path="other/*.csv"),
        "producers",
    ),
    "the server 'in': its delimiter is ';', before it was ','": (
        server(0, customProperties=[{"property": "delimiter", "value": ";"}]),
        "producers",
    ),
    "the server 'in': its texts are changed": (server(0, description="Files."), ""),
    "the server 'more' of test is removed": (
        lambda document: document["servers"].pop(),
        "producers",
    ),
    "the server 'third' is added": (
        lambda document: document["servers"].append(
            {"server": "third", "type": "local", "path": "c", "format": "csv"}
        ),
        "",
    ),
    "the service level latency of orders.at is 8 h, before it was 4 h": (level(0, 8), "consumers"),
    "the service level latency of orders.at is 1 d, before it was 4 h": (
        promised(0, value=1, unit="d"),
        "consumers",
    ),
    "the service level latency of orders.at is 3 h, before it was 4 h": (level(0, 3), ""),
    "the service level latency of orders.at is critical now": (
        promised(0, customProperties=[{"property": "severity", "value": "critical"}]),
        "producers",
    ),
    "the service level latency of orders.at is of severity info, before it was warning": (
        promised(0, customProperties=[{"property": "severity", "value": "info"}]),
        "",
    ),
    "the service level latency of orders.at: its texts are changed": (
        promised(0, driver="regulatory"),
        "",
    ),
    "the service level latency of orders.at is removed: it was 4 h": (
        lambda document: document["slaProperties"].pop(0),
        "consumers",
    ),
    "the service level volume is 5 to 30 rows, before it was 5 to 20 rows": (
        promised(2, valueExt=30),
        "consumers",
    ),
    "the service level volume is 6 to 20 rows, before it was 5 to 20 rows": (level(2, 6), ""),
    "the service level volume is 6 to 30 rows, before it was 5 to 20 rows": (
        promised(2, value=6, valueExt=30),
        "consumers",
    ),
    "the service level availability is added: 99 percent": (
        lambda document: document["slaProperties"].append(
            {"property": "availability", "value": 99, "unit": "percent"}
        ),
        "",
    ),
    "the watch for nullShare of 'at' is removed": (
        lambda document: watch(document)["measures"].pop(0),
        "",
    ),
    "the watch for newCategories of 'status' is added": (
        lambda document: watch(document)["measures"].append(
            {"measure": "newCategories", "column": "status"}
        ),
        "",
    ),
    "the watch for rows is removed": (
        lambda document: watch(document)["measures"].pop(1),
        "consumers",
    ),
    "the watch for rows is loosened: its score is 7, before it was 6": (
        lambda document: watch(document)["measures"][1].update(score=7),
        "consumers",
    ),
    "the watch for rows is tightened: its score is 5, before it was 6": (
        lambda document: watch(document)["measures"][1].update(score=5),
        "producers",
    ),
    "the watch for rows is changed: its season is month, before it was not given": (
        lambda document: watch(document)["measures"][1].update(season="month"),
        "consumers producers",
    ),
    "the watch for rows is no longer critical": (
        lambda document: watch(document)["measures"][1].update(severity="warning"),
        "consumers",
    ),
    "the watch for nullShare of 'at': its severity is info, before it was not given": (
        lambda document: watch(document)["measures"][0].update(severity="info"),
        "",
    ),
    "the watch for nullShare of 'at' is changed: its atLeast is 0.2, before it was not given": (
        lambda document: watch(document)["measures"][0].update(atLeast=0.2),
        "",
    ),
    "the column whose days are watched is at, before it was day": (
        lambda document: watch(document).update(day="at"),
        "",
    ),
    "acceptedDays of the watch is 2024-12-25, before it was not given": (
        lambda document: watch(document).update(acceptedDays=["2024-12-25"]),
        "",
    ),
    "it is served until 2026-12-31, before until 2027-01-01": (
        level(1, "2026-12-31"),
        "consumers",
    ),
    "it is served until 2027-01-02, before until 2027-01-01": (level(1, "2027-01-02"), ""),
    "schema.orders.description is changed": (
        lambda document: schema(document).update(description="Other."),
        "",
    ),
    "schema.orders.properties.day.description is changed": (says("day", description="Day."), ""),
    "team.name is changed": (lambda document: document["team"].update(name="others"), ""),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_classified(what: str) -> None:
    edit, broken = CHANGES[what]
    found = diff(keep, edit)
    assert [(each.what, " ".join(each.breaks)) for each in found.changes] == [(what, broken)]
    step, version = ("major", "2.0.0") if broken else ("minor", "1.3.0")
    if found.changes[0].is_text:
        step, version = "patch", "1.2.1"
    assert found.problems == (
        f"version is 1.2.0: these changes demand a {step} step, to {version}",
    )


def test_a_column_renamed_in_the_lake_alone_breaks_no_producer() -> None:
    found = diff(keep, renamed_in_lake)
    assert [(each.what, " ".join(each.breaks)) for each in found.changes] == [
        ("column 'price' is renamed to 'amount'", "consumers")
    ]


OF_ROWS = [
    what
    for what, (_, broken) in CHANGES.items()
    if broken == "producers" and not what.startswith(("maxQuarantinedShare", "the server"))
]


@pytest.mark.parametrize("what", OF_ROWS)
def test_nobody_delivers_a_gold_table(what: str) -> None:
    found = diff(keep, CHANGES[what][0], table="gold")
    assert [(each.what, each.breaks, each.step.name) for each in found.changes] == [
        (what, (), "MINOR")
    ]


@pytest.mark.parametrize(
    ("version", "note", "problem"),
    [
        ("2.0.0", "Read amounts as integers.", ""),
        ("3.1.4", "Read amounts as integers.", ""),
        ("2.0.0", "", "no migration note for 2.0.0: write it as migrationNotes in"
         " customProperties"),
        ("1.3.0", "x", "version is 1.3.0: these changes demand a major step, to 2.0.0"),
        ("1.2.0", "x", "version is 1.2.0: these changes demand a major step, to 2.0.0"),
        ("1.1.9", "x", "version 1.1.9 is lower than 1.2.0"),
        ("2.0", "x", "version '2.0' is not of the form major.minor.patch, such as 1.2.0"),
    ],
)  # fmt: skip
def test_a_breaking_change_needs_a_major_step_and_a_note(
    version: str, note: str, problem: str
) -> None:
    def change(document: Document) -> None:
        without_column(document)
        document["version"] = version
        if note:
            notes = {"property": "migrationNotes", "value": {version: note}}
            document["customProperties"] = [notes]

    assert diff(keep, change).problems == ((problem,) if problem else ())


def test_the_note_of_an_earlier_step_is_not_enough() -> None:
    def noted(document: Document) -> None:
        document["customProperties"] = [{"property": "migrationNotes", "value": {"1.0.0": "x"}}]

    def change(document: Document) -> None:
        noted(document)
        without_column(document)
        document["version"] = "2.0.0"

    assert diff(noted, change).problems == (
        "no migration note for 2.0.0: write it as migrationNotes in customProperties",
    )


def test_a_version_may_rise_by_itself() -> None:
    found = diff(keep, lambda document: document.update(version="1.2.1"))
    assert (found.changes, found.problems) == ((), ())


def test_a_new_contract_is_compatible() -> None:
    found = diff(None, keep)
    assert ([each.what for each in found.changes], found.problems) == (
        ["the contract is added"],
        (),
    )
    assert found.demanded_version == ""


@pytest.mark.parametrize(
    ("edit", "today", "problem"),
    [
        (keep, date(2027, 1, 2), ""),
        (keep, date(2027, 1, 1), "it is to be served until 2027-01-01: remove it after that day"),
        (
            lambda document: document["slaProperties"].pop(1),
            date(2027, 1, 2),
            "it had no end of support: say `status: deprecated` and an endOfSupport in"
            " slaProperties, and remove it after",
        ),
        (
            lambda document: document.update(status="active"),
            date(2027, 1, 2),
            "it was not deprecated: say `status: deprecated` and an endOfSupport in"
            " slaProperties, and remove it after",
        ),
    ],
    ids=["after its end", "before its end", "without an end", "not deprecated"],
)
def test_a_contract_goes_once_its_support_has_ended(edit: Edit, today: date, problem: str) -> None:
    assert diff(edit, None, today=today).problems == ((problem,) if problem else ())


def test_what_cannot_be_read_is_taken_for_the_worst() -> None:
    def unreadable(document: Document) -> None:
        column(document, "day")["physicalType"] = "geometry"

    def mended(document: Document) -> None:
        document["version"] = "2.0.0"
        document["customProperties"] = [{"property": "migrationNotes", "value": {"2.0.0": "x"}}]

    assert diff(unreadable, keep).problems == (
        "version is 1.2.0: these changes demand a major step, to 2.0.0",
    )
    assert diff(unreadable, mended).problems == ()
    assert diff(keep, unreadable).problems == (
        "it cannot be read: column 'day' has the physicalType 'geometry'",
    )


HOLDS = {
    ("tinyint", "smallint"), ("integer", "bigint"), ("integer", "double"), ("smallint", "float"),
    ("float", "double"), ("integer", "decimal(12, 2)"), ("decimal(4, 2)", "decimal(6, 3)"),
    ("decimal(9, 0)", "integer"), ("date", "varchar"), ("bigint", "varchar"),
}  # fmt: skip
HOLDS_NOT = {
    ("smallint", "tinyint"), ("bigint", "double"), ("integer", "float"), ("double", "float"),
    ("integer", "decimal(11, 2)"), ("decimal(4, 2)", "decimal(4, 3)"), ("date", "timestamp"),
    ("decimal(10, 0)", "integer"), ("decimal(3, 0)", "tinyint"), ("varchar", "date"),
    ("decimal(4, 2)", "double"), ("timestamp", "timestamp with time zone"),
    ("boolean", "tinyint"), ("tinyint", "boolean"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), sorted(HOLDS | HOLDS_NOT))
def test_a_type_holds_every_value_of_another_or_not(old: str, new: str) -> None:
    assert holds_all(old, new) is ((old, new) in HOLDS)


def nested(**changes: object) -> Edit:
    """Add an object with an array in it; changes are those of the array's items."""

    def edit(document: Document) -> None:
        item = {"logicalType": "string", "logicalTypeOptions": {"maxLength": 5}} | changes
        lines = {"name": "lines", "logicalType": "array", "items": item}
        lines["logicalTypeOptions"] = {"maxItems": 5, "uniqueItems": True}
        options = {"required": ["lines"]}
        note = {"name": "note", "logicalType": "string"}
        schema(document)["properties"].append(
            {
                "name": "basket",
                "logicalType": "object",
                "logicalTypeOptions": options,
                "properties": [note, lines],
            }
        )

    return edit


def within(change: Callable[[Document], object]) -> Edit:
    """Change the object that `nested` adds."""

    def edit(document: Document) -> None:
        nested()(document)
        change(column(document, "basket"))

    return edit


def part_added(basket: Document) -> None:
    part = {"name": "more", "logicalType": "string", "logicalTypeOptions": {"maxLength": 1}}
    basket["properties"].append(part)


@pytest.mark.parametrize(
    ("edit", "what", "broken"),
    [
        (within(part_added), "column 'basket': its part 'more' is added", ""),
        (
            within(lambda basket: basket["properties"].pop(0)),
            "column 'basket': its part 'note' is removed",
            "consumers producers",
        ),
        (
            within(lambda basket: basket["properties"][0].update(required=True)),
            "column 'basket': its part 'note' is required",
            "producers",
        ),
        (
            within(lambda basket: basket["properties"][0].update(physicalName="Note")),
            "column 'basket': its part 'note' is read from 'Note', before it was 'note'",
            "producers",
        ),
        (
            within(lambda basket: basket["logicalTypeOptions"].update(required=["lines", "note"])),
            "required of column 'basket' is tightened from ['lines'] to ['lines', 'note']",
            "producers",
        ),
        (
            within(lambda b: b["properties"][1]["logicalTypeOptions"].update(maxItems=9)),
            "maxItems of column 'basket.lines' is loosened from 5 to 9",
            "consumers",
        ),
        (
            within(lambda b: b["properties"][1]["logicalTypeOptions"].update(uniqueItems=False)),
            "uniqueItems of column 'basket.lines' is loosened from True to False",
            "consumers",
        ),
        (
            nested(logicalTypeOptions={"maxLength": 4}),
            "maxLength of column 'basket.lines.items' is tightened from 5 to 4",
            "producers",
        ),
        (
            nested(enum=[{"value": "a"}]),
            "the list of values of column 'basket.lines.items' is added",
            "producers",
        ),
        (
            nested(logicalType="integer", logicalTypeOptions={}),
            "column 'basket': its part 'lines': its part 'items': its type is narrowed from"
            " varchar to bigint",
            "producers",
        ),
    ],
)
def test_a_change_within_a_nested_column_is_classified(edit: Edit, what: str, broken: str) -> None:
    changes = diff(nested(), edit).changes
    assert (what, broken) in [(each.what, " ".join(each.breaks)) for each in changes]
    assert len(changes) == 1 + what.endswith("to bigint")
