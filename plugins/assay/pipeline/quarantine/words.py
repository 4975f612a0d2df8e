"""A person's word on quarantined rows: recorded under the product's lock, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from assay.domain import Contract, QuarantineEntry, RowPlace, RowState
from assay.errors import QuarantineError
from assay.pipeline.locks import product_lock, read_fence, write_fence
from assay.pipeline.plan import silver_chain
from assay.pipeline.project import Project
from assay.pipeline.quarantine.rows import (
    WAITING,
    QuarantinedRow,
    RowFilter,
    find_rows,
    not_in_quarantine,
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
    return _word_on(project, contract, chosen, WAITING, RowState.DISCARDED, by)


def reopen_rows(project: Project, contract: Contract, chosen: RowFilter, by: Signature) -> int:
    """Take back the repair or the discard of a table's chosen rows; return how many.

    Raises:
        ProductBusy: the product is being written.
        QuarantineError: a row that was named is neither repaired nor discarded.
    """
    changed = (RowState.REPAIRED, RowState.DISCARDED)
    return _word_on(project, contract, chosen, changed, RowState.OPEN, by)


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


def supersede_rebuild(project: Project, contract: Contract) -> None:
    """End an unfinished run that places the table's rows anew: it does not know of this word."""
    runs = project.records.runs_of(contract.product)
    current = project.releases.current(contract.product)
    if not runs or (current is not None and current.run_id == runs[-1].run_id):
        return
    if silver_chain(contract)[0] in runs[-1].rebuild:
        write_fence(project.lake, contract.product, read_fence(project.lake, contract.product) + 1)


def _word_on(
    project: Project,
    contract: Contract,
    chosen: RowFilter,
    allowed: Sequence[RowState],
    state: RowState,
    by: Signature,
) -> int:
    with acting(project, contract.product) as now:
        rows = find_rows(project, contract, chosen)
        there = {row.place.row_number: row for row in rows}
        for row_number in chosen.row_numbers:
            if row_number not in there:
                raise not_in_quarantine(project, contract, RowPlace(chosen.load_id, row_number))
            found = there[row_number].state
            if found not in allowed:
                raise QuarantineError(
                    f"row {row_number} of load {chosen.load_id} is {found.value}: expected"
                    f" {' or '.join(each.value for each in allowed)}",
                    todo=f"`assay quarantine show {chosen.load_id} {row_number}` tells its story;"
                    " nothing was recorded",
                )
        rows = [row for row in rows if row.state in allowed]
        if rows:
            supersede_rebuild(project, contract)
        number = project.quarantine.next_number(contract.product)
        project.quarantine.record([make_entry(row, state, number, by, now) for row in rows])
    return len(rows)
