"""What happens to the data: loads, runs, checks, decisions, releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from assay.domain.tables import TableRef, TableVersion


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
    """The steps of a run, in order.

    The last looks back, after what could be published is: it fails where deliveries were refused.
    """

    LAND = "land"
    BRONZE = "bronze"
    AUDIT_BRONZE = "audit_bronze"
    SILVER = "silver"
    AUDIT_SILVER = "audit_silver"
    GOLD = "gold"
    AUDIT_GOLD = "audit_gold"
    GATE = "gate"
    PUBLISH = "publish"
    DELIVERIES = "deliveries"


class StageState(StrEnum):
    """How a stage of a run ended."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    NOTHING_TO_DO = "nothing_to_do"


@dataclass(frozen=True)
class Load:
    """One delivery of one table, as landed. Grain: one row a delivery; never changed.

    ``load_id`` sorts in order of landing within its product. ``landed_path`` is relative to
    the lake. ``columns`` is the header as delivered, ``names`` says what the contract of that
    time called each (empty: nothing), and ``delimiter`` is what parts its fields.
    ``row_count`` was counted at landing. A replay holds rows of earlier loads that were
    quarantined. ``drift`` says by column how the delivery differs from
    the contract: ``breaking: …``, for which the load is refused, or ``additive: …``.
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
    delimiter: str = ","
    is_replay: bool = False
    drift: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """What a run set out to do, fixed at its start. Grain: one row a run; never changed.

    ``fence`` rises by one with each run of a product: the highest is the only writer.
    ``base_release`` is 0 before the first release. ``load_ids`` are the loads that it brings in.
    ``models`` are the models that it builds, of which those in ``rebuild`` from nothing.
    ``audits`` are tables to audit again although they do not change. ``pins`` are the releases
    of other products that the run reads.
    """

    run_id: str
    product: str
    fence: int
    base_release: int
    load_ids: tuple[str, ...]
    models: tuple[str, ...]
    rebuild: tuple[str, ...]
    audits: tuple[str, ...]
    pins: Mapping[str, int]
    fingerprints: Mapping[str, str]
    code_revision: str
    code_dirty: bool
    code_tree_hash: str
    started_at_utc: datetime
    select: str = ""


@dataclass(frozen=True)
class StageEvent:
    """One thing that happened to a stage of a run. Grain: one row an event; append-only.

    ``select`` names the models that its run was limited to; such a run reads no source.
    """

    run_id: str
    product: str
    stage: Stage
    state: StageState
    at_utc: datetime
    message: str = ""
    error_code: str = ""
    select: str = ""


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
    ``dimension`` is the standard's word for what a contract's rule looks after, where it has one.
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
    dimension: str = ""


@dataclass(frozen=True)
class UnitTestPass:
    """A unit test that passed for some code: it need not run again for the same. Append-only.

    ``fingerprint`` stands for the test's cases, the model under test and what that reads.
    """

    test: str
    fingerprint: str
    product: str
    run_id: str
    passed_at_utc: datetime


@dataclass(frozen=True)
class LoadBalance:
    """Where the rows of one load are after a run. Grain: one row a run, table and load.

    ``landed = accepted + quarantined + deduplicated + discarded + replayed`` in every run:
    quarantined rows wait for somebody, discarded and replayed ones were settled by a person.
    ``superseded`` of the accepted rows were replaced at once by later rows of the same run.
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
    superseded: int
    replayed: int = 0


@dataclass(frozen=True)
class Decision:
    """What the policy engine said. ``allowed`` is true only when every rule said exactly yes."""

    allowed: bool
    engine: str
    denials: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateRecord:
    """A policy decision about one candidate manifest. Grain: one row a decision; append-only."""

    run_id: str
    product: str
    allowed: bool
    engine: str
    rules: tuple[str, ...]
    denials: tuple[str, ...]
    tables: Mapping[str, int]
    decided_at_utc: datetime


@dataclass(frozen=True)
class OverdueNotice:
    """What a notification said is older than agreed. Grain: one row a broken service level.

    Append-only; what stands here is not told again. ``check`` and ``column`` are those of the
    audit's check of the same service level, ``since_utc`` is from when on it was broken.
    """

    run_id: str
    product: str
    table: str
    check: str
    column: str
    since_utc: datetime
    told_at_utc: datetime


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
