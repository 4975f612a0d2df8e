"""Quarantined rows sent again, as a delivery of their table that the next run takes.

The ledger's one commit is what sends them. Landing writes what the ledger says was sent: killed
in between, the next run or the next replay lands it. So a row is never sent twice, and never
lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.domain import Contract, DeliveryMode, Load, QuarantineEntry, RowState
from assay.errors import QuarantineError
from assay.ingestion import Replay, find_refusal, land_replay
from assay.pipeline.project import Project
from assay.pipeline.quarantine.rows import RowFilter, find_rows, mended_values
from assay.pipeline.quarantine.settlements import replay_loads
from assay.pipeline.quarantine.words import Signature, acting, make_entry, supersede_unaware


@dataclass(frozen=True)
class ReplayOutcome:
    """What a replay sent. ``landed`` are the loads, also of an earlier replay that was killed."""

    contract: Contract
    rows: int
    landed: tuple[Load, ...]


def replay_rows(
    project: Project, contract: Contract, chosen: RowFilter, by: Signature
) -> ReplayOutcome:
    """Send a table's chosen waiting rows again, as a delivery of their table.

    The next run takes it like any other. Where nothing waits it does nothing.

    Raises:
        ContractError: the contract names no usable server.
        ProductBusy: the product is being written.
        QuarantineError: the table is delivered as snapshots, or could not be landed so.
    """
    require_replayable(contract)
    with acting(project, contract.product) as now:
        rows = find_rows(project, contract, chosen)
        if rows:
            number = project.quarantine.next_number(contract.product)
            values = mended_values(project, contract, rows)
            name = f"quarantine/{contract.product}/{contract.table}/{number:06d}.csv"
            replay = Replay(name, now, tuple(values[row.place] for row in rows))
            _require_landable(project, contract, replay)
            supersede_unaware(project, contract)
            project.quarantine.record(
                [
                    make_entry(
                        row,
                        RowState.REPLAYED,
                        number,
                        by,
                        now,
                        values=values[row.place],
                        replay=name,
                        replay_row=position,
                    )
                    for position, row in enumerate(rows, start=1)
                ]
            )
        landed = land_replays(project, contract)
    return ReplayOutcome(contract, len(rows), landed)


def land_replays(project: Project, contract: Contract) -> tuple[Load, ...]:
    """Land every replay that the ledger knows and that has not landed. The caller holds the lock.

    Raises:
        ContractError: the contract names no usable server.
    """
    entries = project.quarantine.entries(contract.product, contract.table)
    sent = [entry for entry in entries if entry.replay]
    if not sent:
        return ()
    known = replay_loads(project.loads.of_table(contract.product, contract.table))
    rows: dict[str, list[QuarantineEntry]] = {}
    for entry in sent:
        if entry.replay not in known:
            rows.setdefault(entry.replay, []).append(entry)
    return tuple(_land(project, contract, name, each) for name, each in rows.items())


def _land(project: Project, contract: Contract, name: str, entries: list[QuarantineEntry]) -> Load:
    in_order = sorted(entries, key=lambda entry: entry.replay_row)
    return land_replay(
        contract,
        Replay(name, entries[0].at_utc, tuple(entry.values for entry in in_order)),
        environment=project.settings.environment,
        lake=project.lake,
        ledger=project.loads,
        now_utc=project.clock(),
    )


def why_not_mended(contract: Contract, run_id: str = "") -> str:
    """Say why a table's rows can be read but not mended and sent again; empty where they can.

    Args:
        run_id: the run that left the rows, if it is not the current release that has them.
    """
    if run_id:
        return "`repair` takes rows of the current release alone"
    if contract.mode is DeliveryMode.SNAPSHOT:
        return "a delivery is the whole table; have it delivered again, corrected"
    return ""


def require_replayable(contract: Contract) -> None:
    """Make sure that some rows of a table can be delivered without the others.

    Raises:
        QuarantineError: a delivery of it is the whole table.
    """
    if why_not := why_not_mended(contract):
        raise QuarantineError(
            f"rows of {contract.product}.{contract.table} cannot be sent again: {why_not}",
            where=contract.path,
            todo="rows that nobody needs can be discarded: `assay quarantine discard`",
        )


def _require_landable(project: Project, contract: Contract, replay: Replay) -> None:
    reason = find_refusal(
        contract, replay, environment=project.settings.environment, lake=project.lake
    )
    if reason:
        raise QuarantineError(
            f"these rows cannot be landed again: {reason}",
            where=str(contract.quarantine),
            todo="repair the row that is named; nothing was sent",
        )
