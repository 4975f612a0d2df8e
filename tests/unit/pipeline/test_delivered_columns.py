"""Each column of a contract is read from the one that was delivered for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assay.domain import Column, Contract, Layer, Load, LoadStatus
from assay.pipeline.delivered_columns import find_headers

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def _column(name: str, physical_name: str) -> Column:
    return Column(name, physical_name, "varchar", "string", "")


@pytest.mark.parametrize(
    ("delivered", "now", "expected"),
    [
        ({"a": "a", "b": "b"}, {"a": "a", "b": "b"}, ("a", "b")),
        ({"a": "a"}, {"a": "a", "b": "b"}, ("a", "")),
        ({"a": "a", "extra": ""}, {"a": "a", "extra": "extra"}, ("a", "extra")),
        ({"a": "a", "old": "b"}, {"a": "a", "b": "new"}, ("a", "old")),
        ({"a": "a", "x": "b"}, {"a": "a", "renamed": "x"}, ("a", "x")),
        ({"x": "a"}, {"b": "x", "a": "y"}, ("x", "")),
        ({"right": "", "wrong": "a"}, {"a": "right"}, ("right",)),
    ],
    ids=[
        "as it was",
        "added",
        "not read before",
        "another header",
        "another name",
        "another column of its name",
        "corrected",
    ],
)
def test_headers(delivered: dict[str, str], now: dict[str, str], expected: tuple[str, ...]) -> None:
    load = Load(
        load_id="shop-000001-x",
        product="shop",
        table="orders",
        status=LoadStatus.LANDED,
        source="shop",
        source_name="1.csv",
        delivered_at_utc=THEN,
        landed_at_utc=THEN,
        sha256="x",
        size_bytes=1,
        row_count=1,
        landed_path="landing/x",
        columns=tuple(delivered),
        names=tuple(delivered.values()),
    )
    columns = tuple(_column(name, header) for name, header in now.items())
    contract = Contract("shop", "orders", Layer.SILVER, "1.0.0", "", "", columns, "orders.yaml")
    assert find_headers(load, contract) == expected
