"""Which types hold every value of another: what is called wider or narrower."""

from __future__ import annotations

import pytest

from assay.contracts.changes.type_widening import holds_all

HOLDS = {
    ("tinyint", "smallint"), ("integer", "bigint"), ("integer", "double"), ("smallint", "float"),
    ("float", "double"), ("integer", "decimal(12, 2)"), ("decimal(4, 2)", "decimal(6, 3)"),
    ("decimal(2, 2)", "decimal(4, 2)"), ("decimal(2, 2)", "decimal(3, 3)"),
    ("decimal(9, 0)", "integer"), ("date", "varchar"), ("bigint", "varchar"),
}  # fmt: skip
HOLDS_NOT = {
    ("smallint", "tinyint"), ("bigint", "double"), ("integer", "float"), ("double", "float"),
    ("integer", "decimal(11, 2)"), ("decimal(4, 2)", "decimal(4, 3)"), ("date", "timestamp"),
    ("decimal(10, 0)", "integer"), ("decimal(3, 0)", "tinyint"), ("varchar", "date"),
    ("decimal(4, 2)", "double"), ("timestamp", "timestamp with time zone"),
    ("decimal(2, 2)", "integer"), ("decimal(2, 2)", "decimal(2, 1)"),
    ("tinyint", "decimal(2, 2)"), ("decimal(2, 2)", "double"),
    ("boolean", "tinyint"), ("tinyint", "boolean"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), sorted(HOLDS | HOLDS_NOT))
def test_a_type_holds_every_value_of_another_or_not(old: str, new: str) -> None:
    assert holds_all(old, new) is ((old, new) in HOLDS)
