"""Which loads a run takes, and which wait for somebody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from assay.domain import Load, LoadHold, LoadStatus
from assay.ingestion import find_unanswered_refusals
from assay.pipeline.project import Project

WITHHELD = "withheld"
RESUMED = "resumed"
SKIPPED = "skipped"


@dataclass(frozen=True)
class PendingLoads:
    """Loads by what becomes of them now.

    ``ready`` go into the next release. ``refused`` could not be read and nobody has answered;
    ``held_back`` are later loads of the same tables. ``withheld`` wait for `assay loads resume`.
    """

    ready: tuple[Load, ...]
    refused: tuple[Load, ...]
    held_back: tuple[Load, ...]
    withheld: tuple[Load, ...]


def read_pending(project: Project, product: str) -> PendingLoads:
    """Sort a product's loads by what becomes of them now."""
    base = project.releases.current(product)
    return sort_loads(
        project.loads.all(product),
        set(base.loads) if base else set(),
        project.releases.holds(product),
    )


def sort_loads(
    loads: Sequence[Load], released: Collection[str], holds: Mapping[str, LoadHold]
) -> PendingLoads:
    """Sort a product's loads, given in order of landing.

    Args:
        released: ids of the loads that the current release contains.
        holds: the last word on each load, by id.
    """
    refused: list[Load] = []
    for table in sorted({load.table for load in loads}):
        of_table = [load for load in loads if load.table == table]
        unanswered = find_unanswered_refusals(of_table)
        refused += [load for load in unanswered if not _is(load, holds, SKIPPED)]
    first_refused = {load.table: load.load_id for load in reversed(refused)}
    ready, held_back, withheld = [], [], []
    for load in loads:
        if load.status is LoadStatus.REFUSED or load.load_id in released:
            continue
        if _is(load, holds, SKIPPED):
            continue
        if _is(load, holds, WITHHELD):
            withheld.append(load)
        elif load.load_id > first_refused.get(load.table, "~"):
            held_back.append(load)
        else:
            ready.append(load)
    return PendingLoads(tuple(ready), tuple(refused), tuple(held_back), tuple(withheld))


def _is(load: Load, holds: Mapping[str, LoadHold], action: str) -> bool:
    hold = holds.get(load.load_id)
    return hold is not None and hold.action == action
