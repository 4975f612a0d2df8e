"""A lake, a folder of deliveries and a contract of two columns to land into."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from assay.domain import Column, Contract, Layer, Load, Server
from assay.ingestion import LoadLedger, land

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DELIVERED = datetime(2026, 1, 1, tzinfo=UTC)


def make_contract(*columns: str, path: str = "drop/*.csv", delimiter: str = ",") -> Contract:
    return Contract(
        "shop",
        "orders",
        Layer.SILVER,
        "1.0.0",
        "owner",
        "",
        tuple(Column(f"lake_{name}", name, "varchar", "string", "") for name in columns),
        "contracts/shop/orders.odcs.yaml",
        source="till",
        servers=(Server("files", "", "local", path=path, delimiter=delimiter),),
    )


@dataclass
class Landing:
    """Delivers files with a stated delivery time, and lands them."""

    root: Path
    contract: Contract = field(default_factory=lambda: make_contract("a", "b"))

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def deliveries(self) -> Path:
        return self.root / "deliveries"

    @property
    def ledger(self) -> LoadLedger:
        return LoadLedger(self.lake)

    def deliver(self, name: str, data: bytes, at: datetime = DELIVERED) -> Path:
        path = self.deliveries / "drop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        since = at - datetime(1970, 1, 1, tzinfo=UTC)
        nanoseconds = since // timedelta(microseconds=1) * 1000
        os.utime(path, ns=(nanoseconds, nanoseconds))
        return path

    def land(
        self, now: datetime = NOW, environment: str = "local", skipped: Collection[str] = ()
    ) -> list[Load]:
        return land(
            self.contract,
            environment=environment,
            lake=self.lake,
            ledger=self.ledger,
            deliveries=self.deliveries,
            read_secret=_no_secret,
            now_utc=now,
            skipped=skipped,
        )

    def land_one(self, data: bytes, **contract: object) -> Load:
        """Deliver one file and return its load."""
        self.contract = replace(self.contract, **contract)
        self.deliver("orders.csv", data)
        (load,) = self.land()
        return load

    def bytes_of(self, load: Load) -> bytes:
        return (self.lake / load.landed_path).read_bytes()


def _no_secret(name: str) -> Mapping[str, str]:
    raise LookupError(name)


def read_by_duckdb(path: Path, load: Load, delimiter: str = ",") -> list[tuple[str, ...]]:
    """Read a landed file the way bronze does."""
    return duckdb.execute(
        "select * from read_csv(?, delim = ?, header = true, all_varchar = true,"
        " auto_detect = false, columns = ?, quote = '\"', escape = '\"', nullstr = ?,"
        " strict_mode = true)",
        [str(path), delimiter, dict.fromkeys(load.columns, "varchar"), "\x01no null text\x01"],
    ).fetchall()
