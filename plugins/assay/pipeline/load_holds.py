"""What people say about loads: bring a withheld one in again, leave one out for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.domain import Load, LoadHold, LoadStatus, Release
from assay.errors import ReleaseError
from assay.pipeline.locks import product_lock, read_fence, write_fence
from assay.pipeline.pending import RESUMED, SKIPPED, WITHHELD, PendingLoads, sort_loads
from assay.pipeline.project import Project


@dataclass(frozen=True)
class LoadStanding:
    """One load and what becomes of it now, in one word, with the last person's word on it.

    ``disposition`` is released, ready, refused, answered (refused, and delivered again since),
    held back (behind a refused one), withheld or skipped.
    """

    load: Load
    disposition: str
    hold: LoadHold | None


def list_loads(project: Project, product: str) -> list[LoadStanding]:
    """List a product's loads in order of landing."""
    holds = project.releases.holds(product)
    current = project.releases.current(product)
    released = set(current.loads) if current else set()
    loads = project.loads.all(product)
    pending = sort_loads(loads, released, holds)
    return [
        LoadStanding(load, _disposition(load, released, pending, holds), holds.get(load.load_id))
        for load in loads
    ]


def resume_loads(
    project: Project, product: str, load_ids: Sequence[str], *, actor: str, reason: str = ""
) -> list[Load]:
    """Let withheld or skipped loads in again: the next run takes them. None named: all withheld.

    Raises:
        ReleaseError: a load is unknown, or nobody withheld or skipped it.
    """
    standings = {each.load.load_id: each for each in list_loads(project, product)}
    chosen = [each for each in standings.values() if each.disposition == WITHHELD]
    if load_ids:
        chosen = [_find(standings, product, load_id) for load_id in load_ids]
    for each in chosen:
        if each.disposition not in (WITHHELD, SKIPPED):
            raise ReleaseError(
                f"load {each.load.load_id} is {each.disposition}: only a withheld or a skipped one"
                " can be resumed",
                todo=f"`assay loads {product}` lists them",
            )
    now = project.clock()
    project.releases.hold(
        [LoadHold(each.load.load_id, product, RESUMED, reason, actor, now) for each in chosen]
    )
    return [each.load for each in chosen]


def skip_load(project: Project, load_id: str, *, reason: str, actor: str) -> Load:
    """Leave a load out of every release, until somebody resumes it.

    An unfinished run that took the load in is superseded: it may not publish what a person has
    just refused.

    Raises:
        ProductBusy: the product is being written.
        ReleaseError: the load is unknown or in the current release.
    """
    product = load_id.rsplit("-", 2)[0]
    wait_seconds = project.settings.seconds("lock_wait_seconds")
    with product_lock(project.lake, product, f"skip of {load_id}", wait_seconds):
        standings = {each.load.load_id: each for each in list_loads(project, product)}
        found = _find(standings, product, load_id)
        current = project.releases.current(product)
        if found.disposition == "released" and current is not None:
            raise ReleaseError(
                f"load {load_id} is in release {current.number} of {product} already",
                todo=f"go back to a release without it: `assay releases {product}`, then"
                f" `assay rollback {product} --to N --why '…'`",
            )
        _supersede(project, product, load_id, current)
        hold = LoadHold(load_id, product, SKIPPED, reason, actor, project.clock())
        project.releases.hold([hold])
    return found.load


def _supersede(project: Project, product: str, load_id: str, current: Release | None) -> None:
    runs = project.records.runs_of(product)
    if not runs or load_id not in runs[-1].load_ids:
        return
    if current is None or current.run_id != runs[-1].run_id:
        write_fence(project.lake, product, read_fence(project.lake, product) + 1)


def _find(standings: dict[str, LoadStanding], product: str, load_id: str) -> LoadStanding:
    if load_id not in standings:
        raise ReleaseError(
            f"there is no load '{load_id}'" + (f" of {product}" if standings else ""),
            todo=f"`assay loads {product}` lists them"
            if standings
            else "`assay loads` lists the loads of every product",
        )
    return standings[load_id]


def _disposition(
    load: Load, released: set[str], pending: PendingLoads, holds: dict[str, LoadHold]
) -> str:
    if load.load_id in released:
        return "released"
    hold = holds.get(load.load_id)
    if hold is not None and hold.action == SKIPPED:
        return SKIPPED
    for name, loads in (
        ("ready", pending.ready),
        ("refused", pending.refused),
        ("held back", pending.held_back),
        (WITHHELD, pending.withheld),
    ):
        if load in loads:
            return name
    return "answered" if load.status is LoadStatus.REFUSED else "unknown"
