"""What options compile to says of values what the standards and plain arithmetic say of them."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterator
from fractions import Fraction

import duckdb
import pytest
from contract_files import ContractFolder
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.contracts.text_formats import PATTERNS, format_predicate


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


@settings(deadline=None)
@given(address=st.ip_addresses())
def test_every_address_is_of_its_format(
    connection: duckdb.DuckDBPyConnection, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    predicate = format_predicate("c", f"ipv{address.version}")
    assert holds(connection, predicate, str(address)) is True
    assert holds(connection, predicate, address.exploded) is True


@settings(deadline=None)
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


@settings(deadline=None)
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


@settings(deadline=None)
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
