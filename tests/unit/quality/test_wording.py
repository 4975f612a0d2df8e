"""What is told of an error holds names that are known, and no value of a row."""

from __future__ import annotations

import pytest

from assay.quality import describe_error, hide_keys


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Could not convert string 'x' to INT32", "Could not convert string '…' to INT32"),
        ("Could not convert 'a'b'c' to INT32", "Could not convert '…' to INT32"),
        ("Could not convert 'it's' to INT32", "Could not convert '…'"),
        ("Could not convert 'first\nsecond' to INT32", "Could not convert '…'"),
        ("Could not convert 'a \"b\" c' to INT32", "Could not convert '…' to INT32"),
        ("column 'price' is absent", "column 'price' is absent"),
        ('column "price" is not "cost"', "column \"price\" is not '…'"),
        ("  ", "an unknown error"),
    ],
)
def test_an_error_is_told_without_values(message: str, told: str) -> None:
    assert describe_error(message, {"price"}) == told


def test_a_log_names_no_key_without_a_row() -> None:
    counts = "3 rows of 2 values without a row there"
    assert hide_keys(f"{counts}, most often Ada (2); Bob (1)") == counts
    assert hide_keys("2 of 4 rows unexpected (50 %)") == "2 of 4 rows unexpected (50 %)"
