"""What people did about quarantined rows: the record, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from assay.domain import QuarantineEntry, ReplayedRow, RowPlace, RowState, SettledRow
from assay.records import RecordTable

LEDGER = "quarantine_ledger"
_SETTLED = (RowState.REPLAYED, RowState.DISCARDED)


class QuarantineLedger:
    """The quarantine ledger of a lake, in ``lake/_assay/quarantine_ledger``. Append-only.

    No restore, rollback or rebuild touches it: tables are derived anew, a person's word stays.
    """

    def __init__(self, lake: Path) -> None:
        self._records = RecordTable(lake, LEDGER, QuarantineEntry)
        self._read: dict[tuple[str, str], tuple[int, tuple[QuarantineEntry, ...]]] = {}

    def entries(self, product: str, table: str) -> tuple[QuarantineEntry, ...]:
        """Return what was said about one table's rows, in order.

        A run asks many times: what was read is kept until something is added.
        """
        version = self._records.version()
        if version is None:
            return ()
        known = self._read.get((product, table))
        if known is None or known[0] != version:
            found = self._records.read(product=product, table=table)
            in_order = tuple(sorted(found, key=lambda entry: (entry.number, entry.place)))
            known = self._read[product, table] = (version, in_order)
        return known[1]

    def next_number(self, product: str) -> int:
        """Return the number of the product's next action."""
        return 1 + max((entry.number for entry in self._records.read(product=product)), default=0)

    def record(self, entries: Sequence[QuarantineEntry]) -> None:
        """Add one action, whole or not at all. The caller holds the product's write lock."""
        self._records.append(entries)


def last_words(entries: Iterable[QuarantineEntry]) -> dict[RowPlace, QuarantineEntry]:
    """Return the last word on each row, of entries given in order."""
    return {entry.place: entry for entry in entries}


def settle_rows(entries: Iterable[QuarantineEntry]) -> tuple[SettledRow, ...]:
    """List the rows that take no part in silver any more, whatever they say.

    A replayed row is out as soon as the ledger says so: also while its replay waits, is
    withheld or skipped. It could be counted twice otherwise.
    """
    return tuple(
        SettledRow(entry.load_id, entry.row_number, entry.state.value, entry.rules_broken)
        for entry in last_words(entries).values()
        if entry.state in _SETTLED
    )


def trace_replays(
    entries: Iterable[QuarantineEntry],
    load_ids: Mapping[str, str],
    landed_at_utc: Mapping[str, datetime],
) -> tuple[ReplayedRow, ...]:
    """List the rows that replays brought, each with the row that it stands for.

    Args:
        entries: one table's entries.
        load_ids: the load of each replay, by the replay's name; those not landed yet are absent.
        landed_at_utc: when each load landed.
    """
    parents = {
        RowPlace(load_ids[entry.replay], entry.replay_row): entry.place
        for entry in entries
        if entry.replay in load_ids
    }
    replays = []
    for row, parent in parents.items():
        first = parent
        while first in parents:
            first = parents[first]
        replays.append(
            ReplayedRow(
                load_id=row.load_id,
                row_number=row.row_number,
                replay_of_load_id=parent.load_id,
                replay_of_row_number=parent.row_number,
                place_load_id=first.load_id,
                place_row_number=first.row_number,
                first_seen_at_utc=landed_at_utc[first.load_id],
            )
        )
    return tuple(replays)
