"""Where a load's rows are in a release, and after what people did about them since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from assay.domain import Contract, LoadBalance, Release, RowState, Run
from assay.pipeline.project import Project
from assay.pipeline.rollback import KIND as ROLLBACK
from assay.quality.quarantine_ledger import settle_rows


def settle_balances(
    project: Project,
    run: Run,
    base: Release | None,
    contract: Contract,
    *,
    leave_out: Collection[str],
) -> list[LoadBalance]:
    """Balance the loads anew whose rows were settled since the base, and which a run leaves.

    A settled row stays in the quarantine table; it does not wait any more. Loads whose figures
    stay are left out, and those in ``leave_out``.
    """
    entries = project.quarantine.entries(contract.product, contract.table)
    spoken_of = {entry.load_id for entry in entries} - set(leave_out)
    if base is None or not spoken_of:
        return []
    places = Counter((row.load_id, row.disposition) for row in settle_rows(entries))
    fresh = []
    for before in _released_balances(project, base, contract, spoken_of):
        in_quarantine = before.quarantined + before.replayed + before.discarded
        replayed = places[before.load_id, RowState.REPLAYED]
        discarded = places[before.load_id, RowState.DISCARDED]
        now = replace(
            before,
            run_id=run.run_id,
            quarantined=in_quarantine - replayed - discarded,
            replayed=replayed,
            discarded=discarded,
        )
        if now != replace(before, run_id=run.run_id):
            fresh.append(now)
    return fresh


def _released_balances(
    project: Project, base: Release, contract: Contract, load_ids: Collection[str]
) -> list[LoadBalance]:
    """Find each load's newest balance among the runs whose work a release holds."""
    newest_first = _runs_behind(project, base)
    position = {run_id: place for place, run_id in enumerate(newest_first)}
    found: dict[str, LoadBalance] = {}
    recorded = project.records.balances.read(product=base.product, table=contract.table)
    for balance in recorded:
        if balance.load_id not in load_ids or balance.run_id not in position:
            continue
        other = found.get(balance.load_id)
        if other is None or position[balance.run_id] < position[other.run_id]:
            found[balance.load_id] = balance
    return list(found.values())


def _runs_behind(project: Project, release: Release) -> list[str]:
    """List the runs whose work a release holds, the newest first; rollbacks undo some."""
    releases = {each.number: each for each in project.releases.all(release.product)}
    runs: list[str] = []
    number = release.number
    while number:
        each = releases[number]
        if each.kind == ROLLBACK:
            earlier = [n for n in releases if n < number and releases[n].tables == each.tables]
            number = max(earlier, default=0)
            continue
        runs.append(each.run_id)
        number = each.base
    return runs
