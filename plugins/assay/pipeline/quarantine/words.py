"""A person's word on quarantined rows: recorded under the product's lock, whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from assay.domain import Contract, QuarantineEntry, RowState
from assay.errors import QuarantineError
from assay.pipeline.locks import product_lock, read_fence, write_fence
from assay.pipeline.plan import silver_chain
from assay.pipeline.project import Project
from assay.pipeline.quarantine.rows import (
    WAITING,
    QuarantinedRow,
    RowFilter,
    find_named_rows,
)


@dataclass(frozen=True)
class Signature:
    """Who acts, and why."""

    actor: str
    reason: str = ""


def discard_rows(project: Project, contract: Contract, chosen: RowFilter, by: Signature) -> int:
    """Leave a table's chosen waiting rows out for good; return how many.

    Raises:
        ProductBusy: the product is being written.
        QuarantineError: a row that was named is not waiting in quarantine.
    """
    with acting(project, contract.product) as now:
        rows = find_named_rows(project, contract, chosen)
        for row in rows:
            if row.place.row_number in chosen.row_numbers and row.state not in WAITING:
                raise QuarantineError(
                    f"row {row.place.row_number} of load {row.place.load_id} is"
                    f" {row.state.value}: expected {' or '.join(each.value for each in WAITING)}",
                    todo=f"`assay quarantine show {row.place.load_id} {row.place.row_number}` tells"
                    " its story; nothing was recorded",
                )
        taken = [row for row in rows if row.state in WAITING]
        if taken:
            supersede_unaware(project, contract)
        number = project.quarantine.next_number(contract.product)
        project.quarantine.record(
            [make_entry(row, RowState.DISCARDED, number, by, now) for row in taken]
        )
    return len(taken)


@contextmanager
def acting(project: Project, product: str) -> Iterator[datetime]:
    """Hold the product's lock while a word is recorded; gives the moment of it.

    Raises:
        ProductBusy: the product is being written.
    """
    wait_seconds = project.settings.seconds("lock_wait_seconds")
    with product_lock(project.lake, product, f"quarantine of {product}", wait_seconds):
        yield project.clock()


def make_entry(
    row: QuarantinedRow,
    state: RowState,
    number: int,
    by: Signature,
    now: datetime,
    *,
    values: Mapping[str, str] | None = None,
    replay: str = "",
    replay_row: int = 0,
) -> QuarantineEntry:
    """Write the word on one row for the ledger."""
    return QuarantineEntry(
        product=row.product,
        table=row.table,
        number=number,
        load_id=row.place.load_id,
        row_number=row.place.row_number,
        state=state,
        rules_broken=row.rules_broken,
        reason=by.reason,
        actor=by.actor,
        at_utc=now,
        values=values or {},
        replay=replay,
        replay_row=replay_row,
    )


def supersede_unaware(project: Project, contract: Contract, loads: Collection[str] = ()) -> None:
    """End an unfinished run that places the rows in question, for it does not know of this word.

    That is one that rebuilds their table, or takes one of ``loads``.
    """
    runs = project.records.runs_of(contract.product)
    current = project.releases.current(contract.product)
    if not runs or (current is not None and current.run_id == runs[-1].run_id):
        return
    if silver_chain(contract)[0] in runs[-1].rebuild or set(loads) & set(runs[-1].load_ids):
        write_fence(project.lake, contract.product, read_fence(project.lake, contract.product) + 1)
