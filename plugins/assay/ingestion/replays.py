"""Quarantined rows that a person sends again: a delivery like any other, written here.

A replay is rendered as its table's source would deliver it, inspected and landed the same way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assay.domain import Contract, Load, LoadStatus
from assay.ingestion.landed_file import DeliveryScan, IncomingFile, landing_folder
from assay.ingestion.landing import LandingZone, inspect_incoming
from assay.ingestion.ledger import LoadLedger
from assay.ingestion.servers import choose_server


@dataclass(frozen=True)
class Replay:
    """A delivery of rows as texts by column, in order. ``name`` is its source name, once used."""

    name: str
    delivered_at_utc: datetime
    rows: tuple[Mapping[str, str], ...]


def land_replay(
    contract: Contract,
    replay: Replay,
    *,
    environment: str,
    lake: Path,
    ledger: LoadLedger,
    now_utc: datetime,
) -> Load:
    """Land a replay. The caller holds the product's write lock, and lands each only once.

    Raises:
        ContractError: the contract names no usable server, whose format the replay takes.
    """
    server = choose_server(contract, environment)
    zone = LandingZone(
        contract, server, lake, ledger, ledger.free_numbers(contract.product), now_utc
    )
    with IncomingFile(zone.folder) as incoming:
        scan = _write(contract, replay, server.delimiter, incoming)
        found = zone.inspect(incoming, scan, replay.name, is_replay=True)
        return zone.record(
            incoming, scan, found, replay.name, replay.delivered_at_utc, is_replay=True
        )


def find_refusal(contract: Contract, replay: Replay, *, environment: str, lake: Path) -> str:
    """Say why a replay would be refused at landing; empty where it would not. Nothing is kept.

    Raises:
        ContractError: the contract names no usable server.
    """
    server = choose_server(contract, environment)
    with IncomingFile(landing_folder(lake, contract.product, contract.table)) as incoming:
        scan = _write(contract, replay, server.delimiter, incoming)
        found = inspect_incoming(incoming, scan, replay.name, contract, server, is_replay=True)
    return found.reason if found.status is LoadStatus.REFUSED else ""


def _write(
    contract: Contract, replay: Replay, delimiter: str, incoming: IncomingFile
) -> DeliveryScan:
    """Write the rows as CSV. A column that came to the contract since has its text for NULL."""
    text = io.StringIO()
    # Each field quoted: an empty one in a table of one column would be an empty line.
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(column.physical_name for column in contract.columns)
    for row in replay.rows:
        writer.writerow(row.get(column.name, contract.absent_text) for column in contract.columns)
    content = text.getvalue().encode()
    scan = DeliveryScan(delimiter)
    incoming.handle.write(content)
    scan.feed(content)
    return scan
