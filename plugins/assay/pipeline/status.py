"""Where a product stands: what readers see, what waits, what the latest runs came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.domain import Candidate, LoadHold, Release, Run, Stage, StageEvent, StageState
from assay.pipeline.locks import read_fence, read_holder
from assay.pipeline.pending import PendingLoads, sort_loads
from assay.pipeline.product_warnings import read_warnings
from assay.pipeline.project import Project
from assay.pipeline.run_states import ROLLBACK_PREFIX, RunStanding, find_standing


@dataclass(frozen=True)
class RunStatus:
    """One run. ``release`` is the number that it published, ``candidates`` what it wrote.

    ``started_at_utc`` is when its plan was fixed, or when it failed before it had one. ``error``
    is why it failed. ``is_over`` says that a later run has got past that: it started, where this
    one failed before it had a plan, else it published. One on selected models gets past nothing
    that others failed at: it reads no source.
    """

    run_id: str
    started_at_utc: datetime
    standing: RunStanding
    release: int | None
    error: str
    is_over: bool
    candidates: tuple[Candidate, ...]

    @property
    def is_readable(self) -> bool:
        """Whether it left candidates that nobody released: `assay sql --run` reads them."""
        return self.release is None and bool(self.candidates)


@dataclass(frozen=True)
class ProductStatus:
    """One product now. ``holds`` is the last word on each load; ``holder`` is writing now.

    ``warnings`` name tables that are older than agreed or whose support ends.
    """

    product: str
    release: Release | None
    pending: PendingLoads
    holds: dict[str, LoadHold]
    runs: tuple[RunStatus, ...]
    checked_last_at_utc: datetime | None
    holder: str
    warnings: tuple[str, ...]


def read_status(project: Project, product: str, *, newest_runs: int = 5) -> ProductStatus:
    """Read where a product stands; its newest runs come first. Looks at records and
    contracts only.

    ``checked_last_at_utc`` is when a run found nothing to do, if that was the last that happened.
    """
    releases = project.releases.all(product)
    current = releases[-1] if releases else None
    holds = project.releases.holds(product)
    events = sorted(project.records.events.read(product=product), key=lambda e: e.at_utc)
    last = events[-1] if events else None
    is_idle = last is not None and last.state is StageState.NOTHING_TO_DO and not last.select
    holder = read_holder(project.lake, product)
    newest_fence = read_fence(project.lake, product)
    candidates = project.records.candidates.read(product=product)
    begun = _list_runs(project.records.runs_of(product), events, releases)[:newest_runs]
    return ProductStatus(
        product=product,
        release=current,
        pending=sort_loads(
            project.loads.all(product), set(current.loads) if current else set(), holds
        ),
        holds=holds,
        runs=tuple(
            _describe_run(each, events, releases, candidates, newest_fence, holder)
            for each in begun
        ),
        checked_last_at_utc=last.at_utc if last and is_idle else None,
        holder=holder,
        warnings=read_warnings(project, product),
    )


@dataclass(frozen=True)
class _Begun:
    """A run with its plan, or one that failed before it had one."""

    run_id: str
    at_utc: datetime
    run: Run | None
    is_over: bool


def _list_runs(
    runs: Sequence[Run], events: Sequence[StageEvent], releases: Sequence[Release]
) -> list[_Begun]:
    """List runs, newest first; those without a plan only where they failed."""
    select = {run.run_id: run.select for run in runs}
    published = [
        (select[each.run_id], each.published_at_utc)
        for each in releases
        if each.run_id in select and not each.run_id.startswith(ROLLBACK_PREFIX)
    ]
    started = [(event.select, event.at_utc) for event in events if _has_started(event)]
    begun = [
        _Begun(
            run.run_id, run.started_at_utc, run, _is_over(run.select, run.started_at_utc, published)
        )
        for run in runs
    ]
    last = {event.run_id: event for event in events if event.run_id not in select}
    begun += [
        _Begun(event.run_id, event.at_utc, None, _is_over(event.select, event.at_utc, started))
        for event in last.values()
        if event.state is StageState.FAILED
    ]
    return sorted(begun, key=lambda each: each.at_utc, reverse=True)


def _is_over(select: str, at_utc: datetime, later: Sequence[tuple[str, datetime]]) -> bool:
    """Tell whether a run got farther after that, and was one on the same models or on all."""
    return any(moment > at_utc and other in ("", select) for other, moment in later)


def _has_started(event: StageEvent) -> bool:
    is_start = event.stage is Stage.LAND and not event.run_id.startswith(ROLLBACK_PREFIX)
    return is_start and event.state in (StageState.SUCCEEDED, StageState.NOTHING_TO_DO)


def _describe_run(
    begun: _Begun,
    events: Sequence[StageEvent],
    releases: Sequence[Release],
    candidates: Sequence[Candidate],
    newest_fence: int,
    holder: str,
) -> RunStatus:
    run_id = begun.run_id
    own = [event for event in events if event.run_id == run_id]
    published = [release.number for release in releases if release.run_id == run_id]
    standing = find_standing(
        begun.run, own, is_published=bool(published), newest_fence=newest_fence, holder=holder
    )
    failures = [event.message for event in own if event.state is StageState.FAILED]
    newest: dict[str, Candidate] = {}
    for each in sorted(candidates, key=lambda each: each.written_at_utc):
        if each.run_id == run_id:
            newest[each.table] = each
    return RunStatus(
        run_id=run_id,
        started_at_utc=begun.at_utc,
        standing=standing,
        release=published[0] if published else None,
        error=failures[-1] if failures and not published else "",
        is_over=begun.is_over,
        candidates=tuple(newest.values()),
    )
