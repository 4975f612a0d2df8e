"""What one dbt invocation may read and write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay.domain.tables import TableRef


@dataclass(frozen=True)
class BoundTable:
    """A relation that dbt may read: a table at a version. ``version`` None means: not there."""

    table: TableRef
    path: str
    version: int | None
    owner: str
    model: str = ""


@dataclass(frozen=True)
class BoundLoad:
    """A landed file that bronze reads: its path, its columns as delivered and as contracted."""

    load_id: str
    product: str
    table: str
    path: str
    source_file: str
    ingested_at_utc: datetime
    delivered_columns: tuple[str, ...]
    columns: tuple[str, ...]
    delimiter: str = ","
    is_new: bool = True


@dataclass(frozen=True)
class LakeBinding:
    """What one dbt invocation may read and write.

    ``writes`` are the tables that it may build, at the version to start from (None: from
    nothing). ``rebuild`` names models that start from nothing whatever the base holds.
    """

    product: str
    run_id: str
    fence: int
    scratch: str
    reads: tuple[BoundTable, ...]
    writes: tuple[BoundTable, ...]
    loads: tuple[BoundLoad, ...] = ()
    rebuild: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
