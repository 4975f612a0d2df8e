"""The quarantine ledger: the last word counts, and replays lead back to the first delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from assay.domain import QuarantineEntry, ReplayedRow, RowPlace, RowState, SettledRow
from assay.quality.quarantine_ledger import (
    QuarantineLedger,
    last_words,
    settle_rows,
    trace_replays,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, SECOND, THIRD = (f"shop-{n:06d}-abcdef01" for n in (1, 2, 3))


def word(
    number: int, load_id: str, row: int, state: RowState, replay: str = "", replay_row: int = 0
) -> QuarantineEntry:
    return QuarantineEntry(
        product="shop",
        table="orders",
        number=number,
        load_id=load_id,
        row_number=row,
        state=state,
        rules_broken=("price_minimum",),
        reason="because",
        actor="a test",
        at_utc=START,
        values={"price": "1"} if replay or state is RowState.REPAIRED else {},
        replay=replay,
        replay_row=replay_row,
    )


REPAIRED, REPLAYED = RowState.REPAIRED, RowState.REPLAYED


def test_entries_come_back_in_order_and_numbers_count_the_products_actions(tmp_path: Path) -> None:
    ledger = QuarantineLedger(tmp_path)
    assert (ledger.entries("shop", "orders"), ledger.next_number("shop")) == ((), 1)
    later = [word(2, FIRST, 1, RowState.DISCARDED)]
    ledger.record(later)
    earlier = [word(1, FIRST, 2, REPAIRED), word(1, FIRST, 1, REPAIRED)]
    ledger.record(earlier)
    assert ledger.entries("shop", "orders") == (earlier[1], earlier[0], *later)
    assert (ledger.next_number("shop"), ledger.next_number("other")) == (3, 1)
    assert ledger.entries("shop", "prices") == ()


def test_the_last_word_on_a_row_counts() -> None:
    entries = [
        word(1, FIRST, 1, RowState.DISCARDED),
        word(2, FIRST, 2, RowState.DISCARDED),
        word(3, FIRST, 1, RowState.OPEN),
        word(4, FIRST, 3, REPAIRED),
        word(5, FIRST, 4, REPLAYED, "r", 1),
    ]
    assert last_words(entries)[RowPlace(FIRST, 1)].state is RowState.OPEN
    assert settle_rows(entries) == (
        SettledRow(FIRST, 2, "discarded", ("price_minimum",)),
        SettledRow(FIRST, 4, "replayed", ("price_minimum",)),
    )


def test_a_replay_of_a_replay_has_the_place_of_the_first_delivery() -> None:
    entries = [word(1, FIRST, 7, REPLAYED, "a", 1), word(2, SECOND, 1, REPLAYED, "b", 2)]
    landed_at_utc = {
        each: START + timedelta(days=day) for day, each in enumerate((FIRST, SECOND, THIRD))
    }
    assert trace_replays(entries, {"a": SECOND, "b": THIRD}, landed_at_utc) == (
        ReplayedRow(SECOND, 1, FIRST, 7, FIRST, 7, START),
        ReplayedRow(THIRD, 2, SECOND, 1, FIRST, 7, START),
    )
    assert trace_replays(entries, {}, landed_at_utc) == ()
