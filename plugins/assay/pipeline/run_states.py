"""What became of a run, from what it left behind and from whether it still holds the lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay.domain import Run, Stage, StageEvent, StageState

ROLLBACK_PREFIX = "rollback-"
SHELL_PREFIX = "shell-"


class RunState(StrEnum):
    """Where a run stands. Only ``running`` and ``waiting`` can still change."""

    PUBLISHED = "published"
    NOTHING_TO_DO = "nothing to do"
    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    KILLED = "killed"
    SUPERSEDED = "superseded"


_ENDED = {
    StageState.NOTHING_TO_DO: RunState.NOTHING_TO_DO,
    StageState.FAILED: RunState.FAILED,
}


@dataclass(frozen=True)
class RunStanding:
    """Where a run stands, at or after which stage, since when."""

    state: RunState
    stage: Stage | None
    at_utc: datetime | None


def find_standing(
    run: Run | None,
    events: Sequence[StageEvent],
    *,
    is_published: bool,
    newest_fence: int,
    holder: str,
) -> RunStanding:
    """Tell what became of a run.

    A stage that was started, has no end, and whose run does not hold the product's lock was
    killed. A run between two stages holds no lock: it waits for its next stage, unless a newer
    run has started, or it is one from a shell, whose stages are of one process.

    Args:
        events: of this run, in order of time.
        newest_fence: the number of the product's newest run.
        holder: the run that is writing the product now, or empty.
    """
    own = [event for event in events if event.state is not StageState.SUPERSEDED]
    last = own[-1] if own else None
    stage, at_utc = (last.stage, last.at_utc) if last else (None, None)
    state = _state(run, last, is_published, newest_fence, holder)
    if state is RunState.KILLED and len(own) < len(events):
        # It found itself superseded and stopped.
        state = RunState.SUPERSEDED
    return RunStanding(state, stage, at_utc)


def _state(
    run: Run | None,
    last: StageEvent | None,
    is_published: bool,
    newest_fence: int,
    holder: str,
) -> RunState:
    if is_published:
        return RunState.PUBLISHED
    ended = _ENDED.get(last.state) if last else None
    if ended is not None:
        return ended
    is_newest = run is not None and run.fence == newest_fence
    if is_newest and run is not None and holder == run.run_id:
        return RunState.RUNNING
    is_stopped = last is None or last.state is StageState.STARTED
    is_one_process = run is not None and run.run_id.startswith((SHELL_PREFIX, ROLLBACK_PREFIX))
    if is_stopped or is_one_process:
        return RunState.KILLED
    return RunState.WAITING if is_newest else RunState.SUPERSEDED
