"""What changes demand of a version, of a migration note, and of a contract that goes."""

from __future__ import annotations

from datetime import date

import pytest
from contract_diffs import (
    Edit,
    diff,
    keep,
    without_column,
)
from contract_files import Document, column


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
        (lambda document: document.update(status="Deprecated"), date(2027, 1, 2), ""),
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
    ids=["after its end", "in capitals", "before its end", "without an end", "not deprecated"],
)
def test_a_contract_goes_once_its_support_has_ended(edit: Edit, today: date, problem: str) -> None:
    assert diff(edit, None, today=today).problems == ((problem,) if problem else ())


def stated_end(day: str) -> Edit:
    def change(document: Document) -> None:
        document["slaProperties"][1]["value"] = day
        document["version"] = "1.3.0"

    return change


def without_end(document: Document) -> None:
    document["slaProperties"].pop(1)


@pytest.mark.parametrize(
    ("day", "problems"),
    [
        ("2026-06-02", ()),
        ("2026-06-01", ("version is 1.3.0: these changes demand a major step, to 2.0.0",)),
        ("2026-05-31", ("version is 1.3.0: these changes demand a major step, to 2.0.0",)),
    ],
    ids=["to come", "today", "past"],
)
def test_an_end_of_support_leaves_its_users_time(day: str, problems: tuple[str, ...]) -> None:
    found = diff(without_end, stated_end(day), table="gold", today=date(2026, 6, 1))
    assert ([each.what for each in found.changes], found.problems) == (
        [f"it is served until {day}"],
        problems,
    )


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
