"""What the builders of events are given. Frozen, without a trace of OpenLineage's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.domain import CheckResult


@dataclass(frozen=True)
class RootRun:
    """The run at the top of the hierarchy: a DAG run, or a whole run from the shell."""

    run_id: str
    job_name: str
    job_namespace: str


@dataclass(frozen=True)
class ParentRun:
    """The run that models and audits belong to: an Airflow task's, or a stage's own.

    ``run_id`` is a UUID (in a task: the provider's ``lineage_run_id``). ``assay_run_id`` and
    ``attempt`` go into every child's ``assay`` facet, so that a retry is told apart.
    """

    run_id: str
    job_name: str
    job_namespace: str
    root: RootRun | None = None
    assay_run_id: str = ""
    attempt: int = 1


@dataclass(frozen=True)
class ColumnState:
    """One column as it is in the table."""

    name: str
    data_type: str = ""
    description: str = ""


@dataclass(frozen=True)
class DatasetState:
    """A dataset as a run read or left it. ``name`` comes from :mod:`assay.lineage.naming`.

    ``version`` is the Delta version. Empty ``columns`` means unknown: no schema is claimed.
    """

    name: str
    version: int | None = None
    columns: tuple[ColumnState, ...] = ()
    row_count: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True)
class ModelRun:
    """One execution of one model (or landing of one table). ``error`` empty: it succeeded."""

    job_name: str
    started_at_utc: datetime
    ended_at_utc: datetime
    inputs: Sequence[DatasetState] = ()
    outputs: Sequence[DatasetState] = ()
    sql: str = ""
    error: str = ""
    integration: str = "DBT"
    job_type: str = "MODEL"


@dataclass(frozen=True)
class AuditRun:
    """One suite run at one table version. ``error``: the suite could not be run.

    ``reads`` are other tables, by which some of its checks judge. Failed checks are not an error
    of the run: they are its assertions.
    """

    job_name: str
    started_at_utc: datetime
    ended_at_utc: datetime
    dataset: DatasetState
    checks: Sequence[CheckResult] = ()
    error: str = ""
    reads: Sequence[DatasetState] = ()
