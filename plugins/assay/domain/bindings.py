"""What one dbt invocation may read and write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay.domain.tables import TableRef


@dataclass(frozen=True)
class BoundTable:
    """A table that dbt may read: where it is, and at which version."""

    table: TableRef
    path: str
    version: int


@dataclass(frozen=True)
class BoundLoad:
    """A landed file, as bronze reads it.

    ``delivered_columns`` is its header; ``headers`` names for each column of the entity the one
    that it is read from, empty where it was not delivered.
    ``is_for_bronze``: bronze does not hold it yet. ``is_for_silver``: its rows go to silver in
    this build. ``duplicate_of`` names an earlier load with the same bytes, where rows are
    appended and equal bytes cannot be news. ``row_count`` is what landing counted.
    """

    load_id: str
    product: str
    table: str
    path: str
    source_file: str
    ingested_at_utc: datetime
    delivered_columns: tuple[str, ...]
    headers: tuple[str, ...]
    delimiter: str
    is_for_bronze: bool
    is_for_silver: bool
    row_count: int
    duplicate_of: str = ""


@dataclass(frozen=True)
class SettledRow:
    """A row that people settled: whatever it says, it takes no part in silver any more.

    ``disposition`` is replayed (another load carries it) or discarded.
    """

    load_id: str
    row_number: int
    disposition: str
    rules_broken: tuple[str, ...]


@dataclass(frozen=True)
class ReplayedRow:
    """A row of a replay, the quarantined row that it stands for, and the first one's place.

    The place in the order of deliveries is that of the row that was delivered first, so that an
    old row, mended, does not count as news. It is also when the trouble was first seen.
    """

    load_id: str
    row_number: int
    replay_of_load_id: str
    replay_of_row_number: int
    place_load_id: str
    place_row_number: int
    first_seen_at_utc: datetime


@dataclass(frozen=True)
class BoundEntity:
    """A landed entity and the loads that this build takes; there may be none.

    ``newest_load`` is the last of all its loads, those of earlier builds included: of snapshots,
    the one whose rows stand. Empty where nothing was ever delivered. ``settled`` are rows that
    people settled, ``replays`` the rows that replays brought.
    """

    product: str
    table: str
    columns: tuple[str, ...]
    loads: tuple[BoundLoad, ...]
    newest_load: str = ""
    settled: tuple[SettledRow, ...] = ()
    replays: tuple[ReplayedRow, ...] = ()


@dataclass(frozen=True)
class LakeBinding:
    """What one dbt invocation may read and write.

    ``reads`` are bound to their versions before dbt starts. A table that dbt builds is written
    under ``write_root``, on top of its version in ``bases``; a table that is not in ``bases``
    is written from nothing. ``fence`` is the run's number: a higher one ends its right to write.
    """

    product: str
    run_id: str
    fence: int
    lake: str
    write_root: str
    scratch: str
    reads: tuple[BoundTable, ...]
    bases: tuple[BoundTable, ...]
    entities: tuple[BoundEntity, ...]
    memory_limit: str = ""
    threads: str = ""
    notices: tuple[str, ...] = ()

    @property
    def is_developer(self) -> bool:
        """A developer's build belongs to no run: nothing is recorded, nothing is fenced."""
        return not self.run_id
