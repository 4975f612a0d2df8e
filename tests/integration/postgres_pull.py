"""Pulls from a PostgreSQL database into a lake of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.domain import Column, Contract, Layer, Load, Server
from assay.ingestion import LoadLedger, land

if TYPE_CHECKING:
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
