"""Options compile to predicates that say of values what the standards and arithmetic say."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterator
from fractions import Fraction

import duckdb
import pytest
from contract_files import ContractFolder, Document
from hypothesis import example, given
from hypothesis import strategies as st

from assay.contracts.text_formats import PATTERNS, format_predicate
from assay.domain import RowRule, Severity
from assay.errors import ContractError
from assay.storage import open_connection


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        (
            "id",
            {"logicalTypeOptions": {"minimum": 1, "exclusiveMaximum": 9.5, "multipleOf": 2}},
            [
                ("id_minimum", '"id" >= 1', "id is at least 1"),
                ("id_exclusive_maximum", '"id" < 9.5', "id is below 9.5"),
                ("id_multiple_of", '"id" % 2 = 0', "id is a multiple of 2"),
            ],
        ),
        (
            "status",
            {"logicalTypeOptions": {"minLength": 1, "maxLength": 3, "pattern": "it's {2}\\d"}},
            [
                (
                    "status_minimum_length",
                    'length("status") >= 1',
                    "status is at least 1 characters",
                ),
                (
                    "status_maximum_length",
                    'length("status") <= 3',
                    "status is at most 3 characters",
                ),
                (
                    "status_pattern",
                    "regexp_full_match(\"status\", 'it''s {2}\\d')",
                    "status is as the pattern it's {2}\\d",
                ),
            ],
        ),
        (
            "day",
            {"logicalTypeOptions": {"minimum": "2013-01-01", "format": "yyyy-MM-dd"}},
            [("day_minimum", "\"day\" >= '2013-01-01'", "day is at least 2013-01-01")],
        ),
        (
            "at",
            {
                "logicalTypeOptions": {
                    "exclusiveMinimum": "2013-01-01 00:00:00",
                    "timezone": True,
                    "defaultTimezone": "Etc/UTC",
                }
            },
            [
                (
                    "at_exclusive_minimum",
                    "\"at\" > '2013-01-01 00:00:00'",
                    "at is above 2013-01-01 00:00:00",
                )
            ],
        ),
        ("at", {"physicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}, []),
        ("at", {"logicalTypeOptions": {"format": "yyyy-MM-ddTHH:mm:ssZ"}}, []),
        ("at", {"logicalTypeOptions": {"format": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"}}, []),
        (
            "day",
            {"physicalType": "timestamp", "logicalTypeOptions": {"format": "yyyy-MM-dd HH:mm:ss"}},
            [],
        ),
        (
            "status",
            {"logicalTypeOptions": {"format": "hostname"}},
            [
                (
                    "status_format",
                    'regexp_full_match("status", \'[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
                    "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*')"
                    ' and length("status") <= 253',
                    "status is of the format hostname",
                )
            ],
        ),
        ("id", {"logicalTypeOptions": {"format": "i64"}}, []),
        ("id", {"physicalType": "smallint", "logicalTypeOptions": {"format": "i16"}}, []),
        ("price", {"physicalType": "float", "logicalTypeOptions": {"format": "f32"}}, []),
        (
            "status",
            {"enum": [{"value": "it's"}, {"value": "open", "label": "Open"}]},
            [
                (
                    "status_enum",
                    "\"status\" in ('it''s', 'open')",
                    "status is one of its listed values",
                )
            ],
        ),
    ],
)
def test_options(
    contracts: ContractFolder, name: str, changes: Document, expected: list[tuple[str, str, str]]
) -> None:
    assert contracts.options(name, changes) == tuple(
        RowRule(rule, predicate, Severity.CRITICAL, text, name)
        for rule, predicate, text in expected
    )


@pytest.mark.parametrize(
    "limits",
    [{"minimum": 5, "maximum": 5}, {"minimum": 2**53, "exclusiveMaximum": 2**53 + 1}],
    ids=["one number", "whole numbers that no float tells apart"],
)
@pytest.mark.parametrize("column", ["price", "id"])
def test_limits_may_meet(contracts: ContractFolder, limits: Document, column: str) -> None:
    rules = contracts.options(column, {"logicalTypeOptions": limits})
    assert len(rules) == len(limits)


@pytest.mark.parametrize(
    ("column", "limits"),
    [
        ("price", {"exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        ("id", {"exclusiveMinimum": 0, "exclusiveMaximum": 2}),
        ("id", {"minimum": -(10**400), "maximum": 10**400}),
    ],
    ids=["fractions between", "one between", "beyond floats"],
)
def test_limits_leave_room(contracts: ContractFolder, column: str, limits: Document) -> None:
    assert len(contracts.options(column, {"logicalTypeOptions": limits})) == len(limits)


@pytest.mark.parametrize(
    ("changes", "length", "said_at"),
    [
        ({"physicalType": "VARCHAR(2)"}, 2, "physicalType"),
        ({"physicalType": "char(20)", "logicalTypeOptions": {"maxLength": 30}}, 20, "physicalType"),
        (
            {"physicalType": "varchar(20)", "logicalTypeOptions": {"maxLength": 3}},
            3,
            "logicalTypeOptions.maxLength",
        ),
    ],
)
def test_the_length_of_a_physical_type_is_kept(
    contracts: ContractFolder, changes: Document, length: int, said_at: str
) -> None:
    (rule,) = contracts.options("status", changes)
    assert (rule.name, rule.predicate) == (
        "status_maximum_length",
        f'length("status") <= {length}',
    )
    assert rule.written_at.endswith(f" at schema.orders.properties.status.{said_at}")


@pytest.mark.parametrize(
    ("name", "options", "found"),
    [
        ("status", {"format": "byte"}, "column 'status', a string, has the option format: byte"),
        ("day", {"format": "dd.MM.yyyy"}, "a date, has the option format: dd.MM.yyyy"),
        ("day", {"minimum": "January"}, "'January' stands beside a column of the type date"),
        ("at", {"format": "yyyy-MM-dd"}, "a timestamp, has the option format: yyyy-MM-dd"),
        ("at", {"format": "HH:mm"}, "a timestamp, has the option format: HH:mm"),
        ("at", {"timezone": False}, "a timestamp, has the option timezone: False"),
        ("at", {"defaultTimezone": "Europe/Paris"}, "the option defaultTimezone: Europe/Paris"),
        ("day", {"minimum": "20240131"}, "expected a day such as 2024-01-31"),
        ("at", {"maximum": "2024-01-31T12"}, "expected an instant such as 2024-01-31 12:00:00"),
        ("at", {"minimum": "0001-01-01T00:00:00+05:00"}, "expected an instant such as"),
        ("at", {"maximum": "noon"}, "'noon' stands beside a column of the type timestamp"),
        ("id", {"format": "i8"}, "column 'id', a integer, has the option format: i8"),
        ("id", {"format": "u64"}, "has the option format: u64"),
        ("price", {"format": "f64"}, "has the option format: f64"),
        ("price", {"minimum": float("nan")}, "nan cannot be compared with"),
        ("price", {"maximum": float("inf")}, "inf cannot be compared with"),
        (
            "price",
            {"minimum": 5, "maximum": 4.5},
            "'price' has minimum 5 and maximum 4.5: no value",
        ),
        ("price", {"exclusiveMinimum": 5, "maximum": 5}, "has exclusiveMinimum 5 and maximum 5"),
        ("status", {"maxLength": 2, "minLength": 3}, "has minLength 3 and maxLength 2"),
        (
            "id",
            {"exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "'id' has exclusiveMinimum 0 and exclusiveMaximum 1: no value keeps both",
        ),
        ("id", {"minimum": 0.2, "maximum": 0.8}, "has minimum 0.2 and maximum 0.8"),
        ("id", {"minimum": float("inf"), "maximum": float("nan")}, "inf cannot be compared with"),
        ("id", {"multipleOf": float("nan")}, "nan cannot be compared with"),
        ("day", {"minimum": "2024-02-01", "maximum": "2024-01-31"}, "no value keeps both"),
        (
            "at",
            {"minimum": "2024-01-01T02:00+03:00", "exclusiveMaximum": "2023-12-31T23:00Z"},
            "no value keeps both",
        ),
    ],
)
def test_options_that_cannot_be_kept(
    contracts: ContractFolder, name: str, options: Document, found: str
) -> None:
    with pytest.raises(ContractError) as caught:
        contracts.options(name, {"logicalTypeOptions": options})
    assert found in caught.value.what
    assert caught.value.todo


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as opened:
        yield opened


def holds(connection: duckdb.DuckDBPyConnection, predicate: str, value: object) -> object:
    """Ask DuckDB for a predicate over the column `c`."""
    return connection.execute(f"select {predicate} from (select ? as c)", [value]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("form", "sound", "wrong"),
    [
        (
            "uuid",
            ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"],
            ["", "123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}"],
        ),
        (
            "email",
            ["a@b.example", "o'neil+x@sub.shop.example", "a.b@localhost"],
            ["a", "a@", "@b", "a b@c.example", "a@-b.example", "a@b..example", "a@b@c"],
        ),
        (
            "hostname",
            ["shop", "shop.example", "3com.example", "a-b.example", "x" * 63],
            ["", ".", "shop.", "-a.example", "a-.example", "a_b", "x" * 64, ".".join("x" * 254)],
        ),
        ("ipv4", ["0.0.0.0", "255.249.100.9"], ["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5"]),
        (
            "ipv6",
            ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:7::", "fe80::A"],
            ["", ":", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::1%eth0"],
        ),
        (
            "uri",
            ["https://shop.example/a?b=c#d", "urn:isbn:0451450523", "mailto:a@b.example", "a:%20"],
            ["shop.example", "//shop", "https://a b", "1a:b", "a:%2", 'a:"', ""],
        ),
    ],
)
def test_formats(
    connection: duckdb.DuckDBPyConnection, form: str, sound: list[str], wrong: list[str]
) -> None:
    predicate = format_predicate("c", form)
    assert [each for each in sound if holds(connection, predicate, each) is not True] == []
    assert [each for each in wrong if holds(connection, predicate, each) is not False] == []
    assert holds(connection, predicate, None) is None


def test_formats_are_all_tried() -> None:
    assert set(PATTERNS) == {"uuid", "email", "hostname", "ipv4", "ipv6", "uri"}


@given(address=st.ip_addresses())
def test_every_address_is_of_its_format(
    connection: duckdb.DuckDBPyConnection, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    predicate = format_predicate("c", f"ipv{address.version}")
    assert holds(connection, predicate, str(address)) is True
    assert holds(connection, predicate, address.exploded) is True


@given(text=st.text(st.sampled_from("0aF:.1"), max_size=12))
@example("1:2:3:4:5:6:1.2.3.4")
def test_an_ipv6_address_is_what_python_takes_for_one(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        is_address = False
    else:
        is_address = True
    assert holds(connection, format_predicate("c", "ipv6"), text) is is_address


@given(value=st.uuids())
def test_every_uuid_is_of_its_format(
    connection: duckdb.DuckDBPyConnection, value: uuid.UUID
) -> None:
    assert holds(connection, format_predicate("c", "uuid"), str(value)) is True


@pytest.fixture(scope="module")
def multiples(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, float], str]:
    """The predicate of multipleOf by type and value."""
    contracts = ContractFolder(tmp_path_factory.mktemp("contracts"))
    found = {}
    for kind in ("float", "double", "decimal(10, 2)"):
        for value in (0.1, 0.25, 5):
            options = {"physicalType": kind, "logicalTypeOptions": {"multipleOf": value}}
            (rule,) = contracts.options("price", options)
            found[kind, value] = rule.predicate.replace('"price"', f"c::{kind}")
    return found


@given(
    cents=st.integers(-1_000_000, 1_000_000),
    kind=st.sampled_from(["float", "double", "decimal(10, 2)"]),
    value=st.sampled_from([0.1, 0.25, 5]),
)
@example(cents=30, kind="double", value=0.1)
def test_a_multiple_is_told_in_decimals(
    connection: duckdb.DuckDBPyConnection,
    multiples: dict[tuple[str, float], str],
    cents: int,
    kind: str,
    value: float,
) -> None:
    amount = Fraction(cents, 100)
    expected = amount % Fraction(str(value)) == 0
    assert holds(connection, multiples[kind, value], float(amount)) is expected


@pytest.mark.parametrize(
    ("options", "kind", "kept", "broken"),
    [
        ({"multipleOf": 0.00001}, "decimal(18, 8)", "1.08425", "1.084255"),
        ({"multipleOf": 1e-7}, "decimal(18, 8)", "0.0000003", "0.00000031"),
        ({"maximum": 1e18}, "bigint", "1000000000000000000", "1000000000000000001"),
        ({"maximum": 1e20}, "decimal(38, 10)", "100000000000000000000", "100000000000000000001"),
        ({"exclusiveMinimum": 1e-5}, "decimal(18, 8)", "0.00001001", "0.00001"),
        ({"minimum": 1e300}, "double", "1e300", "9e299"),
        ({"minimum": 5e-324}, "double", "5e-324", "0"),
        *(({option: 1}, "double", "2", "NaN") for option in ("minimum", "exclusiveMinimum")),
        *(({option: 3}, "float", "2", "NaN") for option in ("maximum", "exclusiveMaximum")),
        *(({"multipleOf": value}, "float", "2", "NaN") for value in (1, 0.5)),
    ],
)
def test_small_and_large_figures_are_what_they_say(
    contracts: ContractFolder,
    connection: duckdb.DuckDBPyConnection,
    options: dict[str, float],
    kind: str,
    kept: str,
    broken: str,
) -> None:
    column = {"physicalType": kind, "logicalTypeOptions": options}
    (rule,) = contracts.options("price", column)
    predicate = rule.predicate.replace('"price"', f"c::{kind}")
    assert [holds(connection, predicate, each) for each in (kept, broken)] == [True, False]


@pytest.mark.parametrize("kind", ["timestamp", "timestamp with time zone"])
@pytest.mark.parametrize(
    ("options", "kept", "broken"),
    [
        ({"minimum": "2026-01-01T00:00:00+05:00"}, "2025-12-31 19:00", "2025-12-31 18:59"),
        ({"maximum": "2025-12-31T19:00:00-05:00"}, "2026-01-01 00:00", "2026-01-01 00:01"),
        ({"exclusiveMinimum": "2026-01-01T00:00:00Z"}, "2026-01-01 00:01", "2026-01-01 00:00"),
        ({"exclusiveMaximum": "2026-01-01"}, "2025-12-31 23:59", "2026-01-01 00:00"),
    ],
)
def test_a_limit_is_the_same_instant_with_any_offset(
    contracts: ContractFolder, kind: str, options: dict[str, str], kept: str, broken: str
) -> None:
    (rule,) = contracts.options("at", {"physicalType": kind, "logicalTypeOptions": options})
    predicate = rule.predicate.replace('"at"', f"c::{kind}")
    with open_connection("", "") as opened:
        assert [holds(opened, predicate, each) for each in (kept, broken)] == [True, False]


@pytest.mark.parametrize("kind", ["timestamp", "timestamp with time zone"])
def test_a_listed_value_is_the_same_instant_with_any_offset(
    contracts: ContractFolder, kind: str
) -> None:
    listed = [{"value": "2026-01-01T00:00:00+05:00"}, {"value": "2026-01-01"}]
    (rule,) = contracts.options("at", {"physicalType": kind, "enum": listed})
    predicate = rule.predicate.replace('"at"', f"c::{kind}")
    values = ["2025-12-31 19:00", "2026-01-01 00:00", "2026-01-01 05:00"]
    with open_connection("", "") as opened:
        assert [holds(opened, predicate, each) for each in values] == [True, True, False]
