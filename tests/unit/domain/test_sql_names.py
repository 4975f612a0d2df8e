"""A name in SQL stays one name, whatever stands in it."""

from __future__ import annotations

import duckdb
import pytest

from assay.domain import quote_name


@pytest.mark.parametrize("name", ["order", "Order", 'a"b', "a b", "a.b"])
def test_a_quoted_name_is_that_name(name: str) -> None:
    found = duckdb.execute(f"select 1 as {quote_name(name)}").description
    assert [each[0] for each in found or ()] == [name]
