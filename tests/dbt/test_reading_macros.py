"""Texts are read as what they say, or not at all: never silently as another value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from macro_rendering import render_call


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def read(
    connection: duckdb.DuckDBPyConnection, macro: str, data_type: str, text: str | None
) -> object:
    sql = render_call(f"{macro}('t', '{data_type}')")
    row = connection.execute(f"select {sql} from (select ?::varchar as t)", [text]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        (" 5 ", 5),
        ("\t5", 5),
        ("007", 7),
        ("-0", 0),
        ("5.0", 5),
        ("5.", 5),
        ("-", None),
        ("+", None),
        (".", None),
        (".5", None),
        ("_5", None),
        ("x5", None),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("9223372036854775807", 9223372036854775807),
        ("9007199254740993.0", 9007199254740993),
        ("123456789012345678e1", 1234567890123456780),
        ("9223372036854775808", None),
        ("99999999999999999999", None),
        ("1e30", None),
        ("", None),
        (" ", None),
        (None, None),
        ("5.5", None),
        ("4.9999999999999999999", None),
        ("9007199254740993.5", None),
        ("1e-400", None),
        ("1e-1", None),
        ("1_000", None),
        ("1,000", None),
        ("0x1F", None),
        ("0b11", None),
        ("٣", None),
        ("5 5", None),
        ("5e", None),
        ("--5", None),
        ("nan", None),
        ("true", None),
    ],
)
def test_integer(
    connection: duckdb.DuckDBPyConnection, text: str | None, expected: int | None
) -> None:
    assert read(connection, "read_integer", "bigint", text) == expected


@pytest.mark.parametrize(
    ("data_type", "text", "expected"),
    [
        ("tinyint", "127", 127),
        ("tinyint", "128", None),
        ("smallint", "-32768", -32768),
        ("smallint", "32768", None),
        ("integer", "2147483647", 2147483647),
        ("integer", "2147483648", None),
    ],
)
def test_integer_range(
    connection: duckdb.DuckDBPyConnection, data_type: str, text: str, expected: int | None
) -> None:
    assert read(connection, "read_integer", data_type, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", 5.0),
        ("-1.25", -1.25),
        (" .5", 0.5),
        ("1e-5", 1e-5),
        ("1,5", None),
        ("1_000.5", None),
        ("nan", None),
        ("NaN", None),
        ("inf", None),
        ("-Infinity", None),
        ("1e400", None),
        ("0x1F", None),
        ("1.5f", None),
        ("", None),
        (None, None),
    ],
)
def test_double(
    connection: duckdb.DuckDBPyConnection, text: str | None, expected: float | None
) -> None:
    assert read(connection, "read_number", "double", text) == expected


def test_a_number_too_large_for_a_float_is_not_read_as_infinite(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert read(connection, "read_number", "float", "1e39") is None
    assert read(connection, "read_number", "float", "0.5") == 0.5


@pytest.mark.parametrize(
    ("data_type", "text", "expected"),
    [
        ("decimal(10, 2)", "1.25", Decimal("1.25")),
        ("decimal(10, 2)", "-1.2", Decimal("-1.20")),
        ("decimal(10, 2)", "1.250000000000000000000", Decimal("1.25")),
        ("decimal(10, 2)", " +7 ", Decimal("7.00")),
        ("decimal(10, 2)", "1.255", None),
        ("decimal(10, 2)", "1.0000000000000000000001", None),
        ("decimal(10, 2)", "99999999.99", Decimal("99999999.99")),
        ("decimal(10, 2)", "99999999.999", None),
        ("decimal(10, 2)", "100000000", None),
        ("decimal(10, 2)", "1.5e3", Decimal("1500.00")),
        ("decimal(10, 2)", "1.5e-1", Decimal("0.15")),
        ("decimal(10, 2)", "0E-18", Decimal("0.00")),
        ("decimal(10, 2)", "1e-05", None),
        ("decimal(10, 2)", "1e-400", None),
        ("decimal(10, 2)", "nan", None),
        ("decimal(10, 2)", "1_0", None),
        ("decimal(10, 2)", "1,5", None),
        ("decimal(10, 2)", ".", None),
        ("decimal(10, 2)", "-", None),
        ("decimal(10, 2)", "+.", None),
        ("decimal(10, 2)", " -", None),
        ("decimal(10, 2)", "-e1", None),
        ("decimal(10, 2)", "-.5", Decimal("-0.50")),
        ("decimal(10, 2)", "5.", Decimal("5.00")),
        ("decimal(10, 0)", "5.000", Decimal(5)),
        ("decimal(10, 0)", ".0", Decimal(0)),
        ("decimal(10, 0)", "-.", None),
        ("decimal(10, 2)", "", None),
        (
            "decimal(38, 0)",
            "12345678901234567890123456789012345678",
            Decimal("12345678901234567890123456789012345678"),
        ),
        ("decimal(38, 20)", "0.12345678901234567891", Decimal("0.12345678901234567891")),
        ("decimal(38, 2)", "100000000000000000000.25", Decimal("100000000000000000000.25")),
    ],
)
def test_decimal(
    connection: duckdb.DuckDBPyConnection, data_type: str, text: str, expected: Decimal | None
) -> None:
    assert read(connection, "read_number", data_type, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-01-05", date(2013, 1, 5)),
        ("2013-1-5", date(2013, 1, 5)),
        (" 2013-01-05 ", date(2013, 1, 5)),
        ("2012-02-29", date(2012, 2, 29)),
        ("2013-02-30", None),
        ("2013-02-29", None),
        ("13-01-05", None),
        ("05-01-2013", None),
        ("2013/01/05", None),
        ("2013 01 05", None),
        ("20130105", None),
        ("2013-1-5x", None),
        ("2013-1-5 BC", None),
        ("5-1-5 (BC)", None),
        ("epoch", None),
        ("infinity", None),
        ("2013-01-05T00:00", None),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("0000-12-31", None),
        (" 0000-01-01", None),
        ("", None),
        (None, None),
    ],
)
def test_date(
    connection: duckdb.DuckDBPyConnection, text: str | None, expected: date | None
) -> None:
    assert read(connection, "read_date", "date", text) == expected


FIVE = datetime(2013, 1, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-01-05T05:00:00Z", FIVE),
        ("2013-01-05T05:00:00", FIVE),
        ("2013-01-05 05:00", FIVE),
        (" 2013-01-05 05:00:00 ", FIVE),
        ("2013-01-05 10:00:00+05:00", FIVE),
        ("2013-01-05 10:00:00+05", FIVE),
        ("2013-01-05T00:00:00-0500", FIVE),
        ("2013-01-05 05:00:00 UTC", FIVE),
        ("2013-01-05 00:00:00 America/New_York", FIVE),
        ("2013-01-05 00:00 America/New_York", FIVE),
        ("2013-01-05T05:00Z", FIVE),
        ("2013-01-05T10:00+05:00", FIVE),
        ("2013-01-05T10+05:00", None),
        ("2013-01-05T05:00:00:00+00:00", None),
        ("2013-01-05T05:00:00.000000000Z", FIVE),
        ("2013-01-05T05:00:00.123456Z", FIVE.replace(microsecond=123456)),
        ("2013-01-05T05:00:00.1234567Z", None),
        ("2013-01-05", None),
        ("13-01-05 05:00:00", None),
        ("2013-02-30T05:00:00Z", None),
        ("2013-01-05 25:00:00", None),
        ("2013-01-05T20:59:00+15:59", FIVE),
        ("2013-01-05T05:00:00+25:00", None),
        ("2013-01-05T05:00:00+16", None),
        ("2013-01-05T05:00:00+05:75", None),
        ("2013-01-05T05:00:00+99:99", None),
        ("2013-01-05T05:00:00+01:", None),
        ("0001-01-01T01:00:00+01:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+12:00", None),
        ("0000-12-31T23:00:00-01:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("0000-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("9999-12-31T23:59:59-12:00", None),
        ("10000-01-01T00:00:00Z", None),
        ("2013-01-05 05:00:00 PM", None),
        ("2013-01-05 05:00:00 Nowhere/Land", None),
        ("2013-01-05 (BC) 05:00:00", None),
        ("05.01.2013 05:00:00", None),
        ("1357362000", None),
        ("infinity", None),
        ("      epoch", None),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("data_type", ["timestamp with time zone", "timestamp"])
def test_timestamp(
    connection: duckdb.DuckDBPyConnection,
    data_type: str,
    text: str | None,
    expected: datetime | None,
) -> None:
    found = read(connection, "read_timestamp", data_type, text)
    if isinstance(found, datetime) and data_type == "timestamp":
        assert found.tzinfo is None
        found = found.replace(tzinfo=UTC)
    assert found == expected


@pytest.mark.parametrize("data_type", ["timestamp with time zone", "timestamp"])
def test_a_zone_that_one_row_names_is_not_that_of_the_next(
    connection: duckdb.DuckDBPyConnection, data_type: str
) -> None:
    berlin = "2013-01-05 06:00:00 Europe/Berlin"
    without_zone = ["2013-01-05 05:00", " 2013-01-05 05:00:00", "2013-01-05T05:00:00.0"]
    rows = [each for text in without_zone for each in (berlin, text)]

    moment = render_call(f"read_timestamp('t', '{data_type}')")
    found = connection.execute(f"select {moment} from unnest(?::varchar[]) as r(t)", [rows])

    read = [moment.replace(tzinfo=UTC) for (moment,) in found.fetchall()]
    assert read == [FIVE] * len(rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("FALSE", False),
        ("t", True),
        ("1", True),
        ("0", False),
        ("yes", True),
        ("no", False),
        ("2", None),
        ("1.0", None),
        ("on", None),
        ("", None),
        (None, None),
    ],
)
def test_boolean(
    connection: duckdb.DuckDBPyConnection, text: str | None, expected: bool | None
) -> None:
    assert read(connection, "read_as", "boolean", text) == expected


texts = st.text(alphabet="0123456789+-.eE_ xb,", max_size=24)


moments = st.text(alphabet="0129-: TZ\t", max_size=21) | st.from_regex(
    r"\s?[0-9]{2,4}-[0-9]{1,2}-[0-9]{1,2}(\s{0,2}|T)"
    r"([0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]{0,7})?Z?)?\s?",
    fullmatch=True,
)


@given(text=moments)
@pytest.mark.parametrize(
    ("macro", "data_type"),
    [
        ("read_date", "date"),
        ("read_timestamp", "timestamp"),
        ("read_timestamp", "timestamp with time zone"),
    ],
)
def test_a_moment_in_its_usual_form_is_what_the_pattern_reads(
    connection: duckdb.DuckDBPyConnection, macro: str, data_type: str, text: str
) -> None:
    usual = render_call(f"{macro}('t', '{data_type}')")
    by_pattern = render_call(f"{macro}('t', '{data_type}', 'null::timestamp')")
    found = connection.execute(
        f"select {usual}, {by_pattern} from (select ?::varchar as t)", [text]
    ).fetchone()
    assert found is not None
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("macro", "data_type"),
    [
        ("read_integer", "bigint"),
        ("read_number", "double"),
        ("read_number", "decimal(10, 2)"),
        ("read_date", "date"),
        ("read_timestamp", "timestamp"),
        ("read_timestamp", "timestamp with time zone"),
    ],
)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="0123456789"), max_size=12))
def test_a_text_without_a_digit_is_no_number_and_no_moment(
    connection: duckdb.DuckDBPyConnection, macro: str, data_type: str, text: str
) -> None:
    for each in (text, "-", ".", "infinity", "nan", "epoch", "now", "today"):
        assert read(connection, macro, data_type, each) is None


@given(text=texts)
def test_what_is_read_as_a_whole_number_is_exactly_that_number(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    found = read(connection, "read_integer", "bigint", text)
    if found is not None:
        assert Decimal(text.strip()) == found


@given(text=texts)
def test_what_is_read_as_a_decimal_is_exactly_that_decimal(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    found = read(connection, "read_number", "decimal(18, 4)", text)
    if found is not None:
        assert Decimal(text.strip()) == found


@given(
    number=st.decimals(
        allow_nan=False, allow_infinity=False, places=4, max_value=10**13, min_value=-(10**13)
    )
)
def test_every_decimal_of_the_declared_scale_is_read(
    connection: duckdb.DuckDBPyConnection, number: Decimal
) -> None:
    assert read(connection, "read_number", "decimal(18, 4)", f"{number:f}") == number
