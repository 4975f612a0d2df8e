"""A delivery that is not what the contract speaks of: refused, or taken, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from landing_harness import Landing, make_contract

from assay.domain import Column, LoadStatus
from assay.ingestion.drift import quote_names

FILE = "files/drop/orders.csv"
TYPES = {"a": "integer", "b": "date", "c": "varchar"}


@pytest.fixture
def typed(landing: Landing) -> Landing:
    """A landing of a table with columns of three types."""
    columns = tuple(Column(n, n, kind, "", "") for n, kind in TYPES.items())
    landing.contract = replace(make_contract(), columns=columns, null_texts=("", "NA"))
    return landing


def rows(count: int, a: str = "1", b: str = "2024-01-31", c: str = "x") -> list[str]:
    return [f"{a},{b},{c}"] * count


def text(lines: Sequence[str], header: str = "a,b,c") -> bytes:
    return "".join(f"{line}\n" for line in [header, *lines]).encode()


SCHEMAS = {
    "missing": ("a,c", {"b": "breaking: missing, expected date"}),
    "renamed": (
        "a,day,c",
        {
            "b": "breaking: missing, expected date; 'day' may be it under another name",
            "day": "additive: not in the contract, not read",
        },
    ),
    "renamed by case, elsewhere": (
        "B,a,c",
        {
            "b": "breaking: missing, expected date; 'B' may be it under another name",
            "B": "additive: not in the contract, not read",
        },
    ),
    "one missing, another more": (
        "z,a,c",
        {
            "b": "breaking: missing, expected date",
            "z": "additive: not in the contract, not read",
        },
    ),
    "more": ("a,b,c,d,e", dict.fromkeys("de", "additive: not in the contract, not read")),
    "as it is": ("a,b,c", {}),
    "another order": ("c,b,a", {}),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_columns_are_compared_with_the_contract(typed: Landing, name: str) -> None:
    header, drift = SCHEMAS[name]
    load = typed.land_one(f"{header}\n".encode())
    is_breaking = any(each.startswith("breaking") for each in drift.values())
    assert load.drift == drift
    assert load.status is (LoadStatus.REFUSED if is_breaking else LoadStatus.LANDED)
    assert typed.ledger.all("shop") == [load]


VALUES = {
    "a text": ({"a": "one"}, {"a": "texts, expected integer"}),
    "a fraction": ({"a": "1.5"}, {"a": "numbers, expected integer"}),
    "too large": ({"a": "2147483648"}, {"a": "whole numbers, expected integer"}),
    "a time": ({"b": "2024-01-31 10:00:00"}, {"b": "timestamps, expected date"}),
    "a day otherwise": ({"b": "31.01.2024"}, {"b": "texts, expected date"}),
    "a truth value": ({"b": "true"}, {"b": "truth values, expected date"}),
    "two columns": (
        {"a": "x", "b": "5"},
        {"a": "texts, expected integer", "b": "whole numbers, expected date"},
    ),
    "any text": ({"c": "5"}, {}),
    "nothing": ({"a": "", "b": "NA"}, {}),
}


REASONS = {
    1: "column '{}' holds nothing that can be read as its type; deliver it",
    2: "columns '{}', '{}' hold nothing that can be read as their types; deliver them",
}


@pytest.mark.parametrize("name", VALUES)
def test_columns_of_another_type_throughout_are_refused(typed: Landing, name: str) -> None:
    values, expected = VALUES[name]
    load = typed.land_one(text(rows(20, **values)))
    assert load.drift == {
        column: f"breaking: delivered as {what}; none of 20 values can be read"
        for column, what in expected.items()
    }
    reason = ""
    if expected:
        reason = (
            f"{FILE}: {REASONS[len(expected)]} as before, or change the contract"
            " contracts/shop/orders.odcs.yaml in a new major version"
        ).format(*expected)
    assert (load.reason, load.status) == (
        reason,
        LoadStatus.REFUSED if expected else LoadStatus.LANDED,
    )


@pytest.mark.parametrize(
    "lines",
    [
        rows(19, a="x"),
        rows(19, a="x") + rows(50, a=""),
        [*rows(1000, a="x"), *rows(1)],
        [*rows(1), *rows(1000, a="x")],
        # Beyond the first block that is looked at.
        [*rows(1000, a="x", c="y" * 10_000), *rows(1)],
    ],
    ids=["few", "few among absent ones", "one at the end", "one at the start", "one far behind"],
)
def test_single_wrong_values_are_left_to_the_rows(typed: Landing, lines: list[str]) -> None:
    load = typed.land_one(text(lines))
    assert (load.status, load.drift) == (LoadStatus.LANDED, {})


@pytest.mark.parametrize("data", [b"a,b,c", b"a,b,c\n", b'\xef\xbb\xbf"a","b","c"'])
def test_a_header_without_rows_has_no_wrong_type(typed: Landing, data: bytes) -> None:
    load = typed.land_one(data, is_final_line_break_optional=True)

    assert (load.status, load.reason, load.row_count) == (LoadStatus.LANDED, "", 0)


@pytest.mark.parametrize(
    "lines",
    [
        [*rows(30, a="x"), *rows(1, a="x", c="y" * 1_000_000)],
        [*rows(200, a="", c="y" * 5_000), *rows(20, a="x")],
    ],
    ids=["a row larger than a block", "behind the first block"],
)
def test_a_wrong_type_is_found_among_large_rows_too(typed: Landing, lines: list[str]) -> None:
    load = typed.land_one(text(lines))
    assert list(load.drift) == ["a"]
    assert load.status is LoadStatus.REFUSED


def test_quoted_line_breaks_and_another_delimiter(landing: Landing) -> None:
    columns = tuple(Column(n, n, kind, "", "") for n, kind in TYPES.items())
    landing.contract = replace(make_contract(delimiter=";"), columns=columns)
    load = landing.land_one(b"a;b;c\n" + b'x;2024-01-31;"q\nq"\n' * 30)
    assert load.drift == {
        "a": "breaking: delivered as texts, expected integer; none of 30 values can be read"
    }


def test_the_difference_never_quotes_a_value(typed: Landing) -> None:
    load = typed.land_one(text(rows(40, a="4556-private")))
    assert "4556" not in f"{load.reason}{load.drift}"


def test_columns_are_named_on_one_line_and_as_they_are() -> None:
    assert quote_names(["line\nbreak", "both\r\nbytes", "blank "]) == (
        "'line break', 'both bytes', 'blank '"
    )
