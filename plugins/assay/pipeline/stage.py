"""What every stage of a run has in common: the lock, the fence, the record, the lineage."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from assay.domain import Run, Stage, StageEvent, StageState
from assay.errors import AssayError, RunSuperseded
from assay.lineage import ParentRun
from assay.pipeline.locks import check_fence, product_lock
from assay.pipeline.project import Project

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StageContext:
    """A stage that may write: its run, and the lineage run that its work belongs to."""

    project: Project
    run: Run
    stage: Stage
    parent: ParentRun


@contextmanager
def open_stage(
    project: Project, run_id: str, stage: Stage, given_parent: ParentRun | None = None
) -> Iterator[StageContext]:
    """Hold the product's lock, make sure that the run may still write, record how it ends.

    Raises:
        ProductBusy: another process is writing the product.
        RunSuperseded: the run is over: released already, or a newer one has started.
    """
    run = project.records.get_run(run_id)
    wait_seconds = project.settings.seconds("lock_wait_seconds")
    with product_lock(project.lake, run.product, run_id, wait_seconds):
        try:
            check_fence(project.lake, run.product, run.run_id, run.fence)
            _check_unreleased(project, run)
        except RunSuperseded as error:
            record_event(project, run, stage, StageState.SUPERSEDED, error)
            raise
        record_event(project, run, stage, StageState.STARTED)
        try:
            with project.emitter.within(given_parent, run.product, stage, run_id) as parent:
                yield StageContext(project, run, stage, parent)
        except BaseException as error:
            record_failure(project, run.product, run_id, stage, error, select=run.select)
            raise
        record_event(project, run, stage, StageState.SUCCEEDED)


def record_event(
    project: Project,
    run: Run,
    stage: Stage,
    state: StageState,
    error: BaseException | None = None,
) -> None:
    """Write down what happened to a stage."""
    record_event_of(project, run.product, run.run_id, stage, state, error, select=run.select)


def record_event_of(
    project: Project,
    product: str,
    run_id: str,
    stage: Stage,
    state: StageState,
    error: BaseException | None = None,
    *,
    select: str,
) -> None:
    """Write down what happened to a stage, also of a run that has no plan yet."""
    event = StageEvent(
        run_id=run_id,
        product=product,
        stage=stage,
        state=state,
        at_utc=project.clock(),
        message="" if error is None else _describe(error),
        error_code=error.code if isinstance(error, AssayError) else "",
        select=select,
    )
    project.records.events.append([event])
    _log.info("stage_%s run=%s stage=%s", state.value, run_id, stage.value)


def record_failure(
    project: Project,
    product: str,
    run_id: str,
    stage: Stage,
    error: BaseException,
    *,
    select: str,
) -> None:
    """Write down that a stage failed; where that fails as well the first error is not hidden."""
    try:
        record_event_of(project, product, run_id, stage, StageState.FAILED, error, select=select)
    except (AssayError, OSError) as lost:
        _log.error("failure_not_recorded run=%s stage=%s %s", run_id, stage.value, lost)


def _describe(error: BaseException) -> str:
    return str(error) if isinstance(error, AssayError) else f"{type(error).__name__}: {error}"


def _check_unreleased(project: Project, run: Run) -> None:
    released = [r for r in project.releases.all(run.product) if r.run_id == run.run_id]
    if released:
        raise RunSuperseded(
            f"run {run.run_id} of {run.product} is over: it was published as release"
            f" {released[0].number}; nothing was written",
            todo="start a new run to change anything",
        )
