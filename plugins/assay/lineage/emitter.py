"""The one object that a run records its lineage with. It never raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from assay.domain import Stage
from assay.lineage.breaker import Clock
from assay.lineage.delivery import Delivery
from assay.lineage.naming import name_run_job, name_stage_job
from assay.lineage.runs import AuditRun, ModelRun, ParentRun, RootRun

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

_NAMESPACE = UUID("6d1f6a0e-3c43-5b0e-9a3e-6f0f6b3f5d11")


class Emitter:
    """Records lineage in a lake, and at an endpoint when ``url`` is set.

    It fails open: an error becomes a warning and a counter (``undelivered``, ``lost``).
    """

    def __init__(self, lake: Path, *, namespace: str, clock: Clock, url: str = "") -> None:
        self.namespace = namespace
        self._clock = clock
        self._delivery = Delivery(lake, url=url, clock=clock)

    @property
    def undelivered(self) -> int:
        """Events that the endpoint did not take in this process; they wait in the lake."""
        return self._delivery.undelivered

    @property
    def lost(self) -> int:
        """Events that could not be built or written in this process."""
        return self._delivery.lost

    def start_run(
        self, job_name: str, assay_run_id: str, *, attempt: int = 1, parent: ParentRun | None = None
    ) -> ParentRun:
        """Start a run of its own, outside Airflow: a stage below ``parent``, or a whole run.

        The run id follows from its arguments: the same run can be completed by another process.
        """
        run = self.own_run(job_name, assay_run_id, attempt=attempt, parent=parent)
        self._emit_stage("START", run, parent, "")
        return run

    def complete_run(
        self, run: ParentRun, *, parent: ParentRun | None = None, error: str = ""
    ) -> None:
        """Complete a run that :meth:`start_run` started, or fail it where ``error`` says why."""
        self._emit_stage("FAIL" if error else "COMPLETE", run, parent, error)

    def own_run(
        self, job_name: str, assay_run_id: str, *, attempt: int = 1, parent: ParentRun | None = None
    ) -> ParentRun:
        """Name a run without emitting anything."""
        text = f"{self.namespace}/{job_name}/{assay_run_id}#{attempt}"
        root = (parent.root or as_root(parent)) if parent else None
        run_id = str(uuid5(_NAMESPACE, text))
        return ParentRun(run_id, job_name, self.namespace, root, assay_run_id, attempt)

    @contextmanager
    def within(
        self,
        given: ParentRun | None,
        product: str,
        stage: Stage,
        assay_run_id: str,
        *,
        attempt: int = 1,
    ) -> Iterator[ParentRun]:
        """Give the parent run of a stage: Airflow's task where there is one, else one of its own.

        One of its own belongs to the product's run; it is started here, and completed or failed
        on leaving.
        """
        if given is not None:
            yield given
            return
        whole = self.own_run(name_run_job(product), assay_run_id)
        name = name_stage_job(product, stage)
        run = self.start_run(name, assay_run_id, attempt=attempt, parent=whole)
        try:
            yield run
        except BaseException as error:
            # Its text may quote a row's value, and events leave the machine.
            self.complete_run(run, parent=whole, error=type(error).__name__)
            raise
        self.complete_run(run, parent=whole)

    def emit_models(self, parent: ParentRun, runs: Sequence[ModelRun]) -> None:
        """Record one child run for each model that was run."""

        def build() -> list[RunEvent]:
            from assay.lineage.events import model_events

            return [e for run in runs for e in model_events(self.namespace, parent, run)]

        self._emit(2 * len(runs), build)

    def emit_audit(self, parent: ParentRun, audit: AuditRun) -> None:
        """Record one child run for an audit, its checks as assertions about what it read."""

        def build() -> list[RunEvent]:
            from assay.lineage.events import audit_events

            return audit_events(self.namespace, parent, audit)

        self._emit(2, build)

    def _emit_stage(self, state: str, run: ParentRun, parent: ParentRun | None, error: str) -> None:
        def build() -> list[RunEvent]:
            from openlineage.client.event_v2 import RunState

            from assay.lineage.events import stage_event

            at_utc = self._clock()
            return [stage_event(RunState[state], run, at_utc, parent=parent, error=error)]

        self._emit(1, build)

    def _emit(self, events: int, build: Callable[[], list[RunEvent]]) -> None:
        """Build and deliver. Whatever goes wrong costs the run nothing: lineage fails open."""
        try:
            from assay.lineage.events import to_lines

            self._delivery.deliver(to_lines(build()))
        except Exception as error:
            self._delivery.count_lost(events, error)


def as_root(run: ParentRun) -> RootRun:
    """Take a run as the root of those below it."""
    return RootRun(run.run_id, run.job_name, run.job_namespace)
