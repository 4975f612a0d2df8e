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
        (
            "Type INT32 with value 300 can't be cast: out of range for INT8",
            "Type INT32 with value … cannot be cast: out of range for INT8",
        ),
        ("Overflow in addition of INT64 (92 + -1.5e3)!", "Overflow in addition of INT64 (… + …)!"),
        (
            'Casting value "12.5" to type DECIMAL(4,2) failed',
            "Casting value '…' to type DECIMAL(4,2) failed",
        ),
        ("Could not cast value 12.50 to DECIMAL(4, 2)", "Could not cast value … to DECIMAL(4, 2)"),
        ("test.shop.not_null_2.0f3a1: no 2nd column", "test.shop.not_null_2.0f3a1: no 2nd column"),
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
