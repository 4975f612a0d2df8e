"""Objects and arrays are split by their rules as an evaluation row by row in Python splits them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
import yaml
from compiled_entity import CompiledEntity, Delivery
from hypothesis import given, settings
from hypothesis import strategies as st
from nested_shapes import Misfit, Shape, broken, make_shape, make_text, read

from assay.contracts.reader import read_contract_text
from assay.domain import Contract

LOAD = "shop-000001"


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def contract_of(shape: Shape) -> Contract:
    """A landed table of one column of a shape."""
    entity = {
        "name": "things",
        "logicalType": "object",
        "customProperties": [
            {"property": "deliveryMode", "value": "append"},
            {"property": "sourceSystem", "value": "till"},
        ],
        "properties": [{"name": "doc"} | shape],
    }
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "shop.things",
        "name": "things",
        "version": "1.0.0",
        "status": "active",
        "schema": [entity],
    }
    text = yaml.safe_dump(document, allow_unicode=True)
    return read_contract_text(Path("contracts/shop/things.odcs.yaml"), text.encode())


def judge(shape: Shape, text: str) -> tuple[Any, set[str]]:
    """The value of a text and the rules that it breaks."""
    if not text:
        return None, {"doc_required"} if shape["required"] else set()
    try:
        value = read(shape, text)
    except Misfit:
        return None, {"doc_type"}
    return value, set(broken(shape, value, "doc"))


@settings(max_examples=40)
@given(st.randoms(use_true_random=True))
def test_any_json_is_split_by_any_shape_as_python_splits_it(
    connection: duckdb.DuckDBPyConnection, random: Random
) -> None:
    shape = make_shape(random)
    delivered = ["", *(make_text(random, shape) for _ in range(30))]
    entity = CompiledEntity(connection, contract_of(shape))
    entity.run([Delivery(LOAD, [(text,) for text in delivered])])
    judged = {number: judge(shape, text) for number, text in enumerate(delivered, start=1)}
    quarantined = {number: set(found) for _, number, found in entity.quarantine()}  # type: ignore[call-overload]
    assert quarantined == {number: found for number, (_, found) in judged.items() if found}
    assert entity.silver("_row_number, doc") == [
        (number, value) for number, (value, found) in judged.items() if not found
    ]
