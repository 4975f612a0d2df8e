"""Taking back what was said about a quarantined row, as long as no release depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from assay.domain import Contract, QuarantineEntry, RowPlace, RowState
from assay.errors import QuarantineError
from assay.pipeline.project import Project
from assay.pipeline.quarantine.rows import QuarantinedRow, RowFilter, find_named_rows
from assay.pipeline.quarantine.settlements import replay_loads
from assay.pipeline.quarantine.words import Signature, acting, make_entry, supersede_unaware
from assay.quality.quarantine_ledger import last_words


def reopen_rows(project: Project, contract: Contract, chosen: RowFilter, by: Signature) -> int:
    """Take back the repair, discard or unreleased replay of chosen rows; return how many.

    A row that is taken back from a replay is discarded there: the replay's other rows go on.

    Raises:
        ProductBusy: the product is being written.
        QuarantineError: a row that was named cannot be taken back.
    """
    with acting(project, contract.product) as now:
        known = _read(project, contract)
        rows = find_named_rows(project, contract, chosen)
        reasons = {row.place: known.why_not(row) for row in rows}
        for row in rows:
            if row.place.row_number in chosen.row_numbers and reasons[row.place]:
                raise _refusal(row, reasons[row.place])
        taken = [row for row in rows if not reasons[row.place]]
        number = project.quarantine.next_number(contract.product)
        replays = [known.replay_of(row) for row in taken if row.state is RowState.REPLAYED]
        if taken:
            loads = {place.load_id for place in replays if place is not None}
            supersede_unaware(project, contract, loads)
        project.quarantine.record(_entries(taken, known, number, by, now))
    return len(taken)


@dataclass(frozen=True)
class _Known:
    """What is known of a table's rows: the last words, where replays landed, what is released."""

    words: Mapping[RowPlace, QuarantineEntry]
    loads: Mapping[str, str]
    released: frozenset[str]

    def replay_of(self, row: QuarantinedRow) -> RowPlace | None:
        """Return where a row is now that was replayed; None before that has landed."""
        word = self.words.get(row.place)
        if word is None or word.replay not in self.loads:
            return None
        return RowPlace(self.loads[word.replay], word.replay_row)

    def why_not(self, row: QuarantinedRow) -> str:
        """Say why a row cannot be taken back; empty where it can."""
        if row.state is RowState.OPEN:
            return "is open: nothing is to be taken back"
        if row.replay_of is not None and not self._stands_for(row):
            return "was taken back from its replay: see the row that it stood for"
        if row.state is not RowState.REPLAYED:
            return ""
        place = self.replay_of(row)
        if place is None:
            return "is in a replay that has not landed yet: replay again, then take it back"
        if place.load_id in self.released:
            return f"is row {place.row_number} of load {place.load_id} now, which is released"
        return ""

    def _stands_for(self, row: QuarantinedRow) -> bool:
        word = self.words.get(row.replay_of) if row.replay_of else None
        return (
            word is not None
            and word.state is RowState.REPLAYED
            and self.loads.get(word.replay) == row.place.load_id
        )


def _read(project: Project, contract: Contract) -> _Known:
    release = project.releases.current(contract.product)
    return _Known(
        words=last_words(project.quarantine.entries(contract.product, contract.table)),
        loads=replay_loads(project.loads.of_table(contract.product, contract.table)),
        released=frozenset(release.loads if release else ()),
    )


def _entries(
    taken: list[QuarantinedRow], known: _Known, number: int, by: Signature, now: datetime
) -> list[QuarantineEntry]:
    entries = []
    for row in taken:
        entry = make_entry(row, RowState.OPEN, number, by, now)
        entries.append(entry)
        place = known.replay_of(row) if row.state is RowState.REPLAYED else None
        if place is not None:
            entries.append(
                replace(
                    entry,
                    load_id=place.load_id,
                    row_number=place.row_number,
                    state=RowState.DISCARDED,
                    reason=f"taken back to row {row.place.row_number} of {row.place.load_id}:"
                    f" {by.reason}",
                )
            )
    return entries


def _refusal(row: QuarantinedRow, reason: str) -> QuarantineError:
    load_id, row_number = row.place.load_id, row.place.row_number
    return QuarantineError(
        f"row {row_number} of load {load_id} {reason}",
        todo=f"`assay quarantine show {load_id} {row_number}` tells its story;"
        " nothing was recorded",
    )
