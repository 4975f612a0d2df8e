"""A PostgreSQL database to pull from, and a lake that it is landed in."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.domain import Column, Contract, Layer, Load, Server
from assay.ingestion import LoadLedger, land
from postgres_server import PostgresServer

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2026, 1, 3, tzinfo=UTC)
SECRET = {"user": "reader", "password": "correct horse"}
NA = ("NA",)


def column(name: str, key: int | None = None) -> Column:
    return Column(name, name, "varchar", "string", "", key_position=key)


def contract_of(table: str, *columns: Column, **server: object) -> Contract:
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


@pytest.fixture(scope="session")
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
