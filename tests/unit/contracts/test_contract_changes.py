"""Every change of a contract is classified, and demands its step of the version."""

from __future__ import annotations

import pytest
from contract_diffs import (
    Edit,
    added_column,
    diff,
    drop,
    keep,
    leads,
    level,
    mostly,
    new_key,
    operator,
    option,
    other_order,
    promised,
    renamed_column,
    renamed_in_lake,
    rule,
    server,
    upserts,
    valid_values,
    watch,
    without_column,
)
from contract_files import column, custom, says, schema

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
    "column 'id' is unique": (says("id", unique=True), ""),
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
    "maxLength of column 'status' is tightened from 10 to 2": (
        says("status", physicalType="varchar(2)"),
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
    "the relationship of 'id' to ids.id is added": (
        lambda document: schema(document).update(
            relationships=[{"from": "orders.id", "to": "ids.id"}]
        ),
        "producers",
    ),
    "the relationship of 'status' to states.code is no longer critical": (
        leads("warning"),
        "consumers",
    ),
    "the relationship of 'status' to states.code: its name is known, before it was not given": (
        lambda document: column(document, "status")["relationships"][0].update(id="known"),
        "",
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
    "the watch for nullShare of 'at': its severity is info, before it was warning": (
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
    "schema.orders.physicalType is changed": (
        lambda document: schema(document).update(physicalType="view"),
        "",
    ),
    "schema.orders.properties.day.description is changed": (says("day", description="Day."), ""),
    "column 'at': its logicalType is date, before it was timestamp": (
        says("at", logicalType="date", physicalType="timestamptz"),
        "",
    ),
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


@pytest.mark.parametrize(
    "edit", [says("day", deprecated=True), lambda document: document.update(status="active")]
)
def test_what_announces_an_end_is_more_than_a_text(edit: Edit) -> None:
    assert [each.step.name for each in diff(keep, edit).changes] == ["MINOR"]


def test_a_column_renamed_in_the_lake_alone_breaks_no_producer() -> None:
    found = diff(keep, renamed_in_lake)
    assert [(each.what, " ".join(each.breaks)) for each in found.changes] == [
        ("column 'price' is renamed to 'amount'", "consumers")
    ]


def test_readers_of_texts_cannot_read_what_has_become_a_day() -> None:
    text = says("price", logicalType="string", physicalType="varchar")
    day = says("price", logicalType="date", physicalType="date")
    assert [(each.what, " ".join(each.breaks)) for each in diff(text, day).changes] == [
        ("column 'price': its type is changed from varchar to date", "consumers producers")
    ]
    assert [(each.what, " ".join(each.breaks)) for each in diff(day, text).changes] == [
        ("column 'price': its type is widened from date to varchar", "consumers")
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
        (what.removesuffix(": a delivery without it is refused"), (), "MINOR")
    ]
