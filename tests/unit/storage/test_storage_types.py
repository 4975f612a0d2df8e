"""Types that Delta cannot hold are refused, with the column and the cast to use."""

from __future__ import annotations

import pytest
from delta_tables import Tables

from assay.errors import StorageError
from assay.storage import current_version

VARCHAR = "cast it to varchar"


@pytest.mark.parametrize(
    ("value", "found", "cast"),
    [
        ("1::hugeint", '"c" is HUGEINT', "cast it to bigint or decimal(38, 0)"),
        ("1::uhugeint", '"c" is UHUGEINT', "cast it to decimal(38, 0)"),
        ("1::ubigint", '"c" is UBIGINT', "cast it to decimal(20, 0)"),
        ("1::uinteger", '"c" is UINTEGER', "cast it to bigint"),
        ("1::usmallint", '"c" is USMALLINT', "cast it to integer"),
        ("1::utinyint", '"c" is UTINYINT', "cast it to smallint"),
        ("time '10:00'", '"c" is TIME', VARCHAR),
        ("timetz '10:00+01'", '"c" is TIME WITH TIME ZONE', VARCHAR),
        ("interval 1 day", '"c" is INTERVAL', "cast it to a number of seconds, as in epoch(x)"),
        ("'x'::enum('x', 'y')", "\"c\" is ENUM('x', 'y')", VARCHAR),
        ("'00000000-0000-0000-0000-000000000000'::uuid", '"c" is UUID', VARCHAR),
        ("'1'::bit", '"c" is BIT', VARCHAR),
        ("timestamp_ns '2020-01-01'", '"c" is TIMESTAMP_NS', "cast it to timestamp"),
        ("timestamp_s '2020-01-01'", '"c" is TIMESTAMP_S', "cast it to timestamp"),
        ("[1::hugeint]", '"c[]" is HUGEINT', "cast it to bigint or decimal(38, 0)"),
        ("{'a': [{'b': 1::utinyint}]}", '"c.a[].b" is UTINYINT', "cast it to smallint"),
        ("map {'k': time '10:00'}", '"c.value" is TIME', VARCHAR),
        ("null", '"c" holds only NULL', "cast it to the type that its values will have"),
        ("[null]", '"c" holds only NULL', "cast it to the type that its values will have"),
        ("{'a': null}", '"c" holds only NULL', "cast it to the type that its values will have"),
        ("[]", '"c" holds only NULL', "cast it to the type that its values will have"),
        ("union_value(n := 2)", '"c" is UNION(n INTEGER)', "cast it"),
    ],
)
def test_refused(tables: Tables, value: str, found: str, cast: str) -> None:
    with pytest.raises(StorageError) as caught:
        tables.write(f"select 1 as id, {value} as c")
    assert caught.value.what.startswith("gold.t has a column ")
    assert caught.value.what.endswith(f": {found}")
    assert caught.value.todo.startswith(cast)
    assert caught.value.todo.endswith("in the model's SQL")
    assert current_version(tables.path()) is None


@pytest.mark.parametrize(
    "value",
    ["null::varchar", "{'NULL': 1}", "[null::integer]", "'{}'::json", "sum(1)::bigint"],
)
def test_held(tables: Tables, value: str) -> None:
    assert tables.write(f"select {value} as c").rows == 1
