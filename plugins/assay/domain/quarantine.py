"""What people do about quarantined rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RowState(StrEnum):
    """Where a quarantined row stands: waiting (open, repaired) or settled (replayed, discarded)."""

    OPEN = "open"
    REPAIRED = "repaired"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, order=True)
class RowPlace:
    """A delivered row's name: its load and its number in it, from 1."""

    load_id: str
    row_number: int


@dataclass(frozen=True)
class QuarantineEntry:
    """A person's word on a quarantined row. Grain: one row a word; append-only, the last counts.

    ``number`` counts the product's actions: the rows of one action share it. ``state`` is the
    row's from then on. ``values`` are its texts by column, as mended or as sent in a replay;
    empty where it was discarded. ``replay`` names the delivery that a replayed row was sent in,
    ``replay_row`` its place there. ``rules_broken`` are those that it was quarantined for.
    """

    product: str
    table: str
    number: int
    load_id: str
    row_number: int
    state: RowState
    rules_broken: tuple[str, ...]
    reason: str
    actor: str
    at_utc: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    replay: str = ""
    replay_row: int = 0

    @property
    def place(self) -> RowPlace:
        return RowPlace(self.load_id, self.row_number)
