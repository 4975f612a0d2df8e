"""What a run says of deliveries that could not be read: it never goes past them in silence."""

from __future__ import annotations

from assay.domain import Run, Stage, StageState
from assay.errors import DeliveriesIncomplete, LoadRefused
from assay.pipeline.pending import PendingLoads, read_pending
from assay.pipeline.project import Project
from assay.pipeline.stage import record_event


def check_deliveries(project: Project, run_id: str) -> None:
    """Make sure that a published run left no refused load behind.

    Only what waits now counts: a load that was delivered again or skipped since is answered. A
    run on a selection of models took no loads, and leaves none. A failure is recorded, and that
    it is answered where one was.

    Raises:
        DeliveriesIncomplete: refused loads wait for an answer; the release stays published.
    """
    run = project.records.get_run(run_id)
    pending = read_pending(project, run.product)
    if run.select or not pending.refused:
        _record_answered(project, run)
        return
    error = DeliveriesIncomplete(
        f"the run was published without what was refused: {_describe(pending)}",
        where=_place(pending),
        todo=_answer(pending),
    )
    record_event(project, run, Stage.DELIVERIES, StageState.FAILED, error)
    raise error


def _record_answered(project: Project, run: Run) -> None:
    """Record that nothing waits any more, where a failure says otherwise."""
    events = project.records.events_of(run.run_id)
    ends = [event.state for event in events if event.stage is Stage.DELIVERIES]
    if ends[-1:] == [StageState.FAILED]:
        record_event(project, run, Stage.DELIVERIES, StageState.SUCCEEDED)


def refuse_if_blocked(pending: PendingLoads) -> None:
    """Stop a run that has nothing to do because refused loads wait.

    Raises:
        LoadRefused: they do.
    """
    if pending.refused:
        raise LoadRefused(
            f"a delivery was refused: {_describe(pending)}",
            where=_place(pending),
            todo=_answer(pending),
        )


def _describe(pending: PendingLoads) -> str:
    first = pending.refused[0]
    drift = "".join(f"\n  - column '{name}': {text}" for name, text in first.drift.items())
    return f"{first.reason}{drift}"


def _place(pending: PendingLoads) -> str:
    first, more = pending.refused[0], len(pending.refused) - 1
    others = f"; other refused loads: {more}" if more else ""
    return (
        f"{first.product}.{first.table}, load {first.load_id}{others};"
        f" later loads that wait behind refused ones: {len(pending.held_back)}"
    )


def _answer(pending: PendingLoads) -> str:
    first = pending.refused[0]
    skip = f"`assay loads skip {first.load_id} --why '…'`"
    return f"have it delivered again, correct its contract, or skip it: {skip}"
