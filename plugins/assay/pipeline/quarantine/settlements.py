"""What people did about quarantined rows, as a build needs to know it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from assay.domain import (
    Contract,
    DeliveryMode,
    Load,
    QuarantineEntry,
    Release,
    ReplayedRow,
    SettledRow,
)
from assay.pipeline.project import Project
from assay.quality.quarantine_ledger import last_words, settle_rows, trace_replays
from assay.storage import open_connection, scan


def bind_settlements(
    project: Project, contract: Contract, loads: Sequence[Load], in_scope: Collection[str]
) -> tuple[tuple[SettledRow, ...], tuple[ReplayedRow, ...]]:
    """Return the settled rows of the loads that a build takes, and the rows of replays.

    Args:
        loads: all landed loads of the table.
        in_scope: ids of those that this build takes to silver.
    """
    entries = project.quarantine.entries(contract.product, contract.table)
    settled = tuple(row for row in settle_rows(entries) if row.load_id in in_scope)
    replays = _replays(entries, loads)
    if contract.mode is not DeliveryMode.UPSERT:
        # Only where rows replace one another does the place of rows that are there count.
        replays = tuple(row for row in replays if row.load_id in in_scope)
    return settled, replays


def find_unsettled(project: Project, product: str, base: Release | None) -> list[Contract]:
    """List the tables of which a release has a settled row elsewhere than in quarantine.

    After a rollback silver may hold a row that was quarantined, and settled, in a release since.
    """
    if base is None:
        return []
    found = []
    for contract in project.entities(product):
        entries = project.quarantine.entries(product, contract.table)
        settled = {
            (row.load_id, row.row_number)
            for row in settle_rows(entries)
            if row.load_id in base.loads
        }
        if settled and settled - _quarantined(project, contract, base):
            found.append(contract)
    return found


def _quarantined(project: Project, contract: Contract, release: Release) -> set[tuple[str, int]]:
    version = release.version_of(contract.quarantine)
    if version is None:
        return set()
    settings = project.settings
    with open_connection(settings.memory_limit, settings.threads) as connection:
        rows = scan(str(project.table_path(contract.quarantine)), version)
        return set(connection.execute(f"select _load_id, _row_number from {rows}").fetchall())


def find_replayed(project: Project, replay: Load) -> dict[str, int]:
    """Count the quarantined rows that a replay carries by the load that they were delivered in."""
    entries = project.quarantine.entries(replay.product, replay.table)
    return Counter(
        entry.load_id
        for entry in last_words(entries).values()
        if entry.replay == replay.source_name
    )


def replay_loads(loads: Sequence[Load]) -> dict[str, str]:
    """Name the load of each landed replay."""
    return {load.source_name: load.load_id for load in loads if load.is_replay}


def _replays(entries: Sequence[QuarantineEntry], loads: Sequence[Load]) -> tuple[ReplayedRow, ...]:
    landed_at_utc = {load.load_id: load.landed_at_utc for load in loads}
    return trace_replays(entries, replay_loads(loads), landed_at_utc)
