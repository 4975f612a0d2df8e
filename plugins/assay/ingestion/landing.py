"""Lands what a contract's server delivered and was not recorded before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assay.domain import Contract, DeliveryMode, Load, LoadStatus, Server
from assay.errors import ContractError
from assay.ingestion.drift import ADDITIVE, describe_unread
from assay.ingestion.inspection import Inspection, inspect
from assay.ingestion.landed_file import (
    DeliveryScan,
    IncomingFile,
    landing_folder,
    remove_unfinished,
)
from assay.ingestion.ledger import LoadLedger, find_unanswered_refusals, make_load_id
from assay.ingestion.local_files import fetch_file, find_deliveries, is_unchanged
from assay.ingestion.postgres import fetch_relation
from assay.ingestion.servers import choose_server

_log = logging.getLogger(__name__)

SecretReader = Callable[[str], Mapping[str, str]]


def land(
    contract: Contract,
    *,
    environment: str,
    lake: Path,
    ledger: LoadLedger,
    deliveries: Path,
    read_secret: SecretReader,
    now_utc: datetime,
    skipped: Collection[str] = (),
) -> list[Load]:
    """Land every new delivery of one table and return its loads, in order of delivery.

    A delivery that cannot be read whole is recorded as refused, with the reason. What still
    waits as refused is inspected again by the contract of now, and is a new load where the
    outcome is another. Each is recorded as soon as its bytes are durable: killed anywhere, the
    next call goes on. The caller holds the product's write lock.

    Args:
        environment: which of the contract's servers delivers.
        deliveries: folder that a local server's relative path starts from.
        read_secret: returns the entry of the secret store with this name.
        now_utc: when this landing began; the delivery time of what a database delivers.
        skipped: ids of loads that a person left out; they are not inspected again.

    Raises:
        ContractError: the contract names no usable server.
        SourceError: the source cannot be read.
    """
    server = choose_server(contract, environment)
    numbers = ledger.free_numbers(contract.product)
    zone = LandingZone(contract, server, lake, ledger, numbers, now_utc, skipped)
    remove_unfinished(zone.folder)
    if server.kind == "local":
        loads = _land_files(zone, deliveries)
    elif server.kind == "postgres":
        loads = _land_relation(zone, read_secret)
    else:
        raise ContractError(
            f"server '{server.name}' is of kind '{server.kind}': expected local or postgres",
            where=contract.path,
            todo="change `type` in the contract's `servers`",
        )
    if not loads:
        _log.info("no_new_delivery product=%s table=%s", contract.product, contract.table)
    return loads


@dataclass(frozen=True)
class LandingZone:
    """Where the deliveries of one table land, in one call."""

    contract: Contract
    server: Server
    lake: Path
    ledger: LoadLedger
    numbers: Iterator[int]
    now_utc: datetime
    skipped: Collection[str] = ()

    @property
    def folder(self) -> Path:
        return landing_folder(self.lake, self.contract.product, self.contract.table)

    def known(self) -> list[Load]:
        return self.ledger.of_table(self.contract.product, self.contract.table)

    def open_refusals(self, known: Sequence[Load]) -> list[Load]:
        """List refused loads that wait: the contract of now may judge them otherwise."""
        unanswered = find_unanswered_refusals(known)
        return [load for load in unanswered if load.load_id not in self.skipped]

    def inspect(
        self, incoming: IncomingFile, scan: DeliveryScan, name: str, *, is_replay: bool = False
    ) -> Inspection:
        """Inspect a delivery that is written whole, once; nothing is kept."""
        return inspect_incoming(
            incoming, scan, name, self.contract, self.server, is_replay=is_replay
        )

    def record(
        self,
        incoming: IncomingFile,
        scan: DeliveryScan,
        found: Inspection,
        name: str,
        delivered_at_utc: datetime,
        *,
        is_replay: bool = False,
        beside: Sequence[str] = (),
    ) -> Load:
        """Keep the bytes and record the load, of which inspection ``found`` this.

        ``beside`` are columns that the source has and that were not asked for: those that the
        load before did not know are warned of.
        """
        contract = self.contract
        path = incoming.keep(scan.sha256)
        names = {column.physical_name: column.name for column in contract.columns}
        load = Load(
            load_id=make_load_id(contract.product, next(self.numbers), scan.sha256),
            product=contract.product,
            table=contract.table,
            status=found.status,
            source=contract.source,
            source_name=name,
            delivered_at_utc=delivered_at_utc,
            landed_at_utc=self.now_utc,
            sha256=scan.sha256,
            size_bytes=scan.size_bytes,
            row_count=found.row_count,
            landed_path=path.relative_to(self.lake).as_posix(),
            columns=found.columns,
            warnings=(*found.warnings, *self._new_beside(name, beside)),
            reason=found.reason,
            delimiter=self.server.delimiter,
            is_replay=is_replay,
            drift={**found.drift, **dict.fromkeys(beside, ADDITIVE)},
            names=tuple(names.get(column, "") for column in found.columns),
        )
        self.ledger.record(load)
        _log.info("load_%s load=%s rows=%d", load.status.value, load.load_id, load.row_count)
        return load

    def _new_beside(self, name: str, beside: Sequence[str]) -> list[str]:
        earlier = [load for load in self.known() if load.source_name == name] if beside else []
        before = earlier[-1].drift if earlier else {}
        news = [column for column in beside if column not in before]
        return [f"{name}: {describe_unread(news, self.contract)}"] if news else []


def inspect_incoming(
    incoming: IncomingFile,
    scan: DeliveryScan,
    name: str,
    contract: Contract,
    server: Server,
    *,
    is_replay: bool = False,
) -> Inspection:
    """Inspect what is written whole to an incoming file, once; nothing is kept."""
    incoming.handle.flush()
    is_optional = contract.is_final_line_break_optional
    written = scan.finish(incoming.path, is_final_line_break_optional=is_optional)
    return inspect(written, name, contract, server, is_replay=is_replay)


def _land_files(zone: LandingZone, deliveries: Path) -> list[Load]:
    loads: list[Load] = []
    known = zone.known()
    refusals = [
        load for load in zone.open_refusals(known) if not _is_overtaken(load, known, zone.contract)
    ]
    last = {(load.source_name, load.delivered_at_utc, load.sha256): load for load in known}
    settled = [load for load in last.values() if load not in refusals]
    for delivery in find_deliveries(zone.server, deliveries):
        name, delivered_at_utc = delivery.name, delivery.delivered_at_utc
        if is_unchanged(delivery, settled):
            continue
        scan = DeliveryScan(zone.server.delimiter)
        with IncomingFile(zone.folder) as incoming:
            fetch_file(delivery, incoming, scan)
            before = last.get((name, delivered_at_utc, scan.sha256))
            if before and before not in refusals:
                continue
            found = zone.inspect(incoming, scan, name)
            if before is None or _is_other_outcome(found, before):
                loads.append(zone.record(incoming, scan, found, name, delivered_at_utc))
    return loads


def _land_relation(zone: LandingZone, read_secret: SecretReader) -> list[Load]:
    server = zone.server
    name = f"{server.name}/{server.relation}"
    known = zone.known()
    earlier = [load for load in known if load.source_name == name]
    scan = DeliveryScan(server.delimiter)
    with IncomingFile(zone.folder) as incoming:
        secret = read_secret(server.secret)
        beside = fetch_relation(zone.contract, server, secret, incoming, scan)
        before = earlier[-1] if earlier and earlier[-1].sha256 == scan.sha256 else None
        if before and before not in zone.open_refusals(known):
            return []
        found = zone.inspect(incoming, scan, name)
        if before and not _is_other_outcome(found, before):
            return []
        return [zone.record(incoming, scan, found, name, zone.now_utc, beside=beside)]


def _is_other_outcome(found: Inspection, before: Load) -> bool:
    return (found.status, found.reason) != (before.status, before.reason)


def _is_overtaken(refused: Load, known: Sequence[Load], contract: Contract) -> bool:
    """Tell whether a refused delivery would put old rows over those of a later one that landed.

    That happens where the last load to land wins. A person has to say which is wanted then.
    """
    is_by_landing = contract.mode is DeliveryMode.SNAPSHOT or (
        contract.mode is DeliveryMode.UPSERT and not contract.ordering_column
    )
    return is_by_landing and any(
        load.status is LoadStatus.LANDED
        and not load.is_replay
        and load.delivered_at_utc > refused.delivered_at_utc
        for load in known
    )
