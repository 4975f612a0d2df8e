"""File statistics: exact bounds or none, never a bound by which a reader skips a row."""

from __future__ import annotations

import pytest
from delta_tables import Tables


def test_whole_statistics_of_a_file(tables: Tables) -> None:
    tables.write(
        """select * from (values
            (9007199254740993, 1.10::decimal(10, 2), 'b', date '2013-12-31', true, 1.5,
                timestamptz '2013-01-01 01:00:00.000001+01', timestamp '2013-01-01 10:00:00.5'),
            (-5, 0.07, null, date '2013-01-01', false, 0.25, '2013-01-02 00:00:00Z', null),
            (null, null, 'a"''', null, null, null, null, null)
        ) v(id, price, text, day, flag, share, seen, local)""".replace("1.5,", "1.5::double,")
    )
    # Of booleans no bounds are kept: absent ones mean "unknown".
    assert tables.statistics() == [
        {
            "numRecords": 3,
            "minValues": {
                "id": -5,
                "price": 0.07,
                "text": "a\"'",
                "day": "2013-01-01",
                "share": 0.25,
                "seen": "2013-01-01T00:00:00.000001Z",
                "local": "2013-01-01T10:00:00.5",
            },
            "maxValues": {
                "id": 9007199254740993,
                "price": 1.10,
                "text": "b",
                "day": "2013-12-31",
                "share": 1.5,
                "seen": "2013-01-02T00:00:00Z",
                "local": "2013-01-01T10:00:00.5",
            },
            "nullCount": {
                "id": 1,
                "price": 1,
                "text": 1,
                "day": 1,
                "flag": 1,
                "share": 1,
                "seen": 1,
                "local": 2,
            },
        }
    ]


@pytest.mark.parametrize(
    "value",
    [
        "'inf'::double",
        "'-inf'::float",
        "'nan'::double",
        "1234567890123456.7::decimal(38, 1)",
        "date 'infinity'",
        "date '-infinity'",
        "date '0044-03-15 (BC)'",
        "date '19999-01-01'",
        "true",
        "timestamp 'infinity'",
        "timestamptz '-infinity'",
        "timestamp '0044-03-15 (BC) 00:00:00'",
        "timestamptz '19999-01-01 00:00:00Z'",
        "'ab'::blob",
    ],
)
def test_bounds_that_json_cannot_say_exactly_are_left_out(tables: Tables, value: str) -> None:
    tables.write(f"select {value} as c, 1 as id")
    assert tables.statistics() == [
        {
            "numRecords": 1,
            "minValues": {"id": 1},
            "maxValues": {"id": 1},
            "nullCount": {"c": 0, "id": 0},
        }
    ]


@pytest.mark.parametrize(
    ("values", "where", "count"),
    [
        ("(-0.0::double), (-1.0)", "c = 0", 1),
        ("(0.0::double), (1.0)", "c = -0.0", 1),
        (", ".join(["(-0.0::double), (-1.0)"] * 100), "c = 0", 100),
        (", ".join(["(0.0::float), (1.0)"] * 100), "c = -0.0", 100),
        ("('inf'::double), (1.0)", "c > 1e300", 1),
        ("('nan'::double), (1.0)", "isnan(c)", 1),
        ("(0.000001::decimal(18, 6))", "c = 0.000001", 1),
        ("(99999999999999.9::decimal(15, 1))", "c = 99999999999999.9", 1),
        ("(123456789012345678.9::decimal(38, 1))", "c = 123456789012345678.9", 1),
        ("(9223372036854775807)", "c = 9223372036854775807", 1),
        ("(date '0044-03-15 (BC)'), ('2013-01-01')", "c < date '2000-01-01'", 1),
        ("('a' || chr(1)), ('🦆')", "c = '🦆'", 1),
        ("(repeat('a', 300) || 'x')", "c = repeat('a', 300) || 'x'", 1),
        ("('a' || repeat('é', 200)), ('b')", "c = 'a' || repeat('é', 200)", 1),
        ("('a' || repeat('🦆', 200)), ('A')", "c = 'a' || repeat('🦆', 200)", 1),
        ("(repeat('🦆', 63) || 'é🦆🦆'), ('A')", "c = repeat('🦆', 63) || 'é🦆🦆'", 1),
        ("(null::bigint), (3)", "c is null", 1),
        ("(timestamptz '2013-01-01 00:00:00Z')", "c = timestamptz '2013-01-01 01:00:00+01'", 1),
        (
            "(timestamp '2013-01-01 00:00:00.123456'), ('2012-01-01')",
            "c > '2013-01-01 00:00:00.1234'",
            1,
        ),
        ("(timestamp 'infinity'), ('2012-01-01')", "c > '9999-01-01'", 1),
        ("(0.1::float)", "c = 0.1::float", 1),
    ],
)
def test_no_row_is_skipped(tables: Tables, values: str, where: str, count: int) -> None:
    tables.write(f"select * from (values {values}) v(c)")
    assert len(tables.read(0, where=where)) == count
