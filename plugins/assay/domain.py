"""The types that every package speaks: tables, loads, runs, checks, decisions, releases.

Frozen and free of I/O; the standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_IDENTIFIER = re.compile(r"^[a-z][a-z0-9_]*$")


class Layer(StrEnum):
    """Where a table stands on its way from landed text to published figures."""

    BRONZE = "bronze"
    SILVER = "silver"
    QUARANTINE = "quarantine"
    GOLD = "gold"


class DeliveryMode(StrEnum):
    """What a delivery means for the rows that came before it."""

    APPEND = "append"
    UPSERT = "upsert"
    SNAPSHOT = "snapshot"


class LoadStatus(StrEnum):
    """Whether a delivery could be read whole."""

    LANDED = "landed"
    REFUSED = "refused"


class Severity(StrEnum):
    """What a failed check means: critical stops the run, warning and info are reported."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class CheckStatus(StrEnum):
    """The outcome of one check. Errored is not passed: the check could not be evaluated."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"


class Stage(StrEnum):
    """The steps of a run, in order."""

    LAND = "land"
    BRONZE = "bronze"
    AUDIT_BRONZE = "audit_bronze"
    SILVER = "silver"
    AUDIT_SILVER = "audit_silver"
    GOLD = "gold"
    AUDIT_GOLD = "audit_gold"
    GATE = "gate"
    PUBLISH = "publish"


class StageState(StrEnum):
    """How a stage of a run ended."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    NOTHING_TO_DO = "nothing_to_do"


@dataclass(frozen=True, order=True)
class TableRef:
    """A table's name in the lake, such as ``gold.fct_flights``."""

    layer: Layer
    name: str

    def __str__(self) -> str:
        return f"{self.layer.value}.{self.name}"

    @classmethod
    def parse(cls, text: str) -> TableRef:
        """Read ``layer.name``.

        Raises:
            ValueError: the layer is unknown or the name is not a lower-case identifier.
        """
        layer, _, name = text.partition(".")
        if layer not in {each.value for each in Layer} or not _IDENTIFIER.match(name):
            layers = ", ".join(each.value for each in Layer)
            raise ValueError(
                f"'{text}' is not a table name: expected <layer>.<name>, with a layer of {layers}"
                " and a name of lower-case letters, digits and underscores"
            )
        return cls(Layer(layer), name)


@dataclass(frozen=True, order=True)
class TableVersion:
    """One Delta version of one table."""

    table: TableRef
    version: int

    def __str__(self) -> str:
        return f"{self.table}@{self.version}"


@dataclass(frozen=True)
class Load:
    """One delivery of one table, as landed. Grain: one row a delivery; never changed.

    ``load_id`` sorts in order of landing within its product. ``landed_path`` is relative to
    the lake. ``columns`` is the header as delivered. ``row_count`` was counted at landing.
    """

    load_id: str
    product: str
    table: str
    status: LoadStatus
    source: str
    source_name: str
    delivered_at_utc: datetime
    landed_at_utc: datetime
    sha256: str
    size_bytes: int
    row_count: int
    landed_path: str
    columns: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """What a run set out to do, fixed at its start. Grain: one row a run; never changed.

    ``fence`` rises by one with each run of a product: the highest is the only writer.
    ``base_release`` is 0 before the first release. ``rebuild`` names the models to derive
    again from all loads. ``pins`` are the releases of other products that the run reads.
    """

    run_id: str
    product: str
    fence: int
    base_release: int
    load_ids: tuple[str, ...]
    rebuild: tuple[str, ...]
    pins: Mapping[str, int]
    fingerprints: Mapping[str, str]
    code_revision: str
    code_dirty: bool
    code_tree_hash: str
    started_at_utc: datetime
    select: str = ""


@dataclass(frozen=True)
class StageEvent:
    """One thing that happened to a stage of a run. Grain: one row an event; append-only."""

    run_id: str
    product: str
    stage: Stage
    state: StageState
    at_utc: datetime
    message: str = ""
    error_code: str = ""


@dataclass(frozen=True)
class Candidate:
    """A table version that a run wrote and nobody may read yet. Grain: one row a write."""

    run_id: str
    product: str
    table: str
    version: int
    model: str
    rows: int
    rows_written: int
    operation: str
    written_at_utc: datetime

    @property
    def table_version(self) -> TableVersion:
        return TableVersion(TableRef.parse(self.table), self.version)


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one expectation at one table version. Grain: one row a check and audit.

    ``observed`` and ``expected`` are short texts for people; they hold no row's values.
    """

    run_id: str
    product: str
    table: str
    version: int
    suite: str
    check: str
    column: str
    severity: Severity
    status: CheckStatus
    observed: str
    expected: str
    unexpected_count: int
    row_count: int
    message: str
    checked_at_utc: datetime


@dataclass(frozen=True)
class LoadBalance:
    """Where the rows of one load are after a run. Grain: one row a run, table and load.

    ``landed = accepted + quarantined + deduplicated + discarded`` in every run.
    """

    run_id: str
    product: str
    table: str
    load_id: str
    landed: int
    accepted: int
    quarantined: int
    deduplicated: int
    discarded: int


@dataclass(frozen=True)
class Decision:
    """What the policy engine said. ``allowed`` is true only when every rule said exactly yes."""

    allowed: bool
    engine: str
    denials: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """A published manifest. Grain: one row a product and number; append-only.

    ``tables`` maps ``layer.name`` to a Delta version, ``loads`` are all loads contained,
    ``reads`` maps other products to the release that was read, ``rows`` counts each table.
    """

    product: str
    number: int
    kind: str
    run_id: str
    base: int
    tables: Mapping[str, int]
    rows: Mapping[str, int]
    loads: tuple[str, ...]
    reads: Mapping[str, int]
    fingerprints: Mapping[str, str]
    contracts: Mapping[str, str]
    checks: Mapping[str, int]
    code_revision: str
    code_dirty: bool
    code_tree_hash: str
    published_at_utc: datetime

    def version_of(self, table: TableRef) -> int | None:
        return self.tables.get(str(table))


@dataclass(frozen=True)
class LoadHold:
    """A person's word on a load: withheld, resumed or skipped. Append-only; the last counts."""

    load_id: str
    product: str
    action: str
    reason: str
    actor: str
    at_utc: datetime


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
    notices: tuple[str, ...] = field(default=())
