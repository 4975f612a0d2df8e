"""Where a product stands: what readers see, what waits, what the latest runs came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.domain import Candidate, LoadHold, Release, Run, StageEvent
from assay.pipeline.locks import read_fence, read_holder
from assay.pipeline.pending import PendingLoads, sort_loads
from assay.pipeline.product_warnings import read_warnings
from assay.pipeline.project import Project
from assay.pipeline.run_states import RunStanding, find_standing


@dataclass(frozen=True)
class RunStatus:
    """One run. ``release`` is the number that it published, ``candidates`` what it wrote."""

    run: Run
    standing: RunStanding
    release: int | None
    error: str
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

    ``checked_last_at_utc`` is when a run last found nothing to do.
    """
    releases = project.releases.all(product)
    current = releases[-1] if releases else None
    holds = project.releases.holds(product)
    events = sorted(project.records.events.read(product=product), key=lambda e: e.at_utc)
    runs = project.records.runs_of(product)[::-1][:newest_runs]
    idle = [event.at_utc for event in events if event.state == "nothing_to_do"]
    holder = read_holder(project.lake, product)
    newest_fence = read_fence(project.lake, product)
    candidates = project.records.candidates.read(product=product)
    return ProductStatus(
        product=product,
        release=current,
        pending=sort_loads(
            project.loads.all(product), set(current.loads) if current else set(), holds
        ),
        holds=holds,
        runs=tuple(
            _describe_run(run, events, releases, candidates, newest_fence, holder) for run in runs
        ),
        checked_last_at_utc=idle[-1] if idle else None,
        holder=holder,
        warnings=read_warnings(project, product),
    )


def _describe_run(
    run: Run,
    events: Sequence[StageEvent],
    releases: Sequence[Release],
    candidates: Sequence[Candidate],
    newest_fence: int,
    holder: str,
) -> RunStatus:
    own = [event for event in events if event.run_id == run.run_id]
    published = [release.number for release in releases if release.run_id == run.run_id]
    standing = find_standing(
        run, own, is_published=bool(published), newest_fence=newest_fence, holder=holder
    )
    failures = [event.message for event in own if event.state == "failed"]
    newest: dict[str, Candidate] = {}
    for each in sorted(candidates, key=lambda each: each.written_at_utc):
        if each.run_id == run.run_id:
            newest[each.table] = each
    return RunStatus(
        run=run,
        standing=standing,
        release=published[0] if published else None,
        error=failures[-1] if failures and not published else "",
        candidates=tuple(newest.values()),
    )
