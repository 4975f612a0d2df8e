"""What a run did, from its records: enough to tell it in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.domain import (
    Candidate,
    CheckResult,
    CheckStatus,
    GateRecord,
    Load,
    LoadBalance,
    Release,
    Run,
    Stage,
    StageEvent,
    StageState,
)
from assay.errors import ReleaseError
from assay.pipeline.locks import read_fence, read_holder
from assay.pipeline.product_warnings import read_warnings
from assay.pipeline.project import Project
from assay.pipeline.run_states import RunStanding, find_standing

LATEST = "latest"


@dataclass(frozen=True)
class StageStory:
    """One stage: how its last attempt ended. ``ended_at_utc`` is None where it has no end."""

    stage: Stage
    state: StageState
    attempts: int
    started_at_utc: datetime | None
    ended_at_utc: datetime | None
    message: str


@dataclass(frozen=True)
class RebuildReasons:
    """Why a run built what it built. Models are named once, suites and products by name.

    ``changed`` models were defined otherwise in the base, ``following`` were rebuilt because of
    others or by `--full-refresh`, ``updated`` took in new rows only.
    """

    changed: tuple[str, ...]
    following: tuple[str, ...]
    updated: tuple[str, ...]
    suites: tuple[str, ...]
    is_policy_changed: bool
    products: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class RunStory:
    """A run. ``run`` is None where it ended before its plan was fixed.

    ``checks`` are those that did not pass; ``release`` is what it published, ``current_release``
    the number of what readers see now (0 before the first). ``warnings`` are the product's of now.
    """

    run_id: str
    product: str
    run: Run | None
    standing: RunStanding
    base: Release | None
    release: Release | None
    current_release: int
    loads: tuple[Load, ...]
    reasons: RebuildReasons | None
    stages: tuple[StageStory, ...]
    candidates: tuple[Candidate, ...]
    balances: tuple[LoadBalance, ...]
    checks: tuple[CheckResult, ...]
    gate: GateRecord | None
    newer_run: str
    warnings: tuple[str, ...]


def explain_run(project: Project, run_id: str) -> RunStory:
    """Tell what a run did. ``latest`` means the newest run of any product.

    Raises:
        ReleaseError: there is no such run.
    """
    if run_id == LATEST:
        run_id = _latest(project)
    records = project.records
    run, events = records.find_run(run_id), records.events_of(run_id)
    if run is None and not events:
        records.get_run(run_id)
    product = run.product if run else events[0].product
    releases = project.releases.all(product)
    published = [release for release in releases if release.run_id == run_id]
    bases = [release for release in releases if run and release.number == run.base_release]
    base = bases[0] if bases else None
    newest = records.runs_of(product)[-1:] if run else []
    return RunStory(
        run_id=run_id,
        product=product,
        run=run,
        standing=find_standing(
            run,
            events,
            is_published=bool(published),
            newest_fence=read_fence(project.lake, product),
            holder=read_holder(project.lake, product),
        ),
        base=base,
        release=published[0] if published else None,
        current_release=releases[-1].number if releases else 0,
        loads=_loads(project, run),
        reasons=find_reasons(run, base) if run else None,
        stages=tell_stages(events),
        candidates=tuple(sorted(records.candidates_of(run_id).values(), key=lambda c: c.table)),
        balances=tuple(records.balances_of(run_id)),
        checks=_unpassed(records.checks.read(run_id=run_id)),
        gate=records.last_gate(run_id),
        newer_run="".join(each.run_id for each in newest if run and each.fence > run.fence),
        warnings=read_warnings(project, product),
    )


def tell_stages(events: Sequence[StageEvent]) -> tuple[StageStory, ...]:
    """Fold events, given in order of time, to one story a stage."""
    stories: dict[Stage, StageStory] = {}
    for event in events:
        known = stories.get(event.stage)
        is_start = event.state is StageState.STARTED
        attempts = known.attempts if known else 0
        stories[event.stage] = StageStory(
            stage=event.stage,
            state=event.state,
            attempts=attempts + 1 if is_start or known is None else attempts,
            started_at_utc=event.at_utc if is_start else (known.started_at_utc if known else None),
            ended_at_utc=None if is_start else event.at_utc,
            message=event.message,
        )
    return tuple(stories.values())


def find_reasons(run: Run, base: Release | None) -> RebuildReasons:
    """Hold what a run was planned with against what its base was made with."""
    before = base.fingerprints if base else {}
    now = run.fingerprints
    differing = {name for name in now if before.get(name) != now[name]}
    rebuilt = set(run.rebuild)
    changed = {name for name in rebuilt if f"model:{name}" in differing}
    read = base.reads if base else {}
    return RebuildReasons(
        changed=tuple(sorted(changed)),
        following=tuple(sorted(rebuilt - changed)),
        updated=tuple(sorted(set(run.models) - rebuilt)),
        suites=tuple(
            sorted(name.removeprefix("suite:") for name in differing if name.startswith("suite:"))
        ),
        is_policy_changed="policy" in differing,
        products={
            product: (read.get(product, 0), number)
            for product, number in run.pins.items()
            if read.get(product) != number
        },
    )


def _latest(project: Project) -> str:
    records = project.records
    started = [(run.started_at_utc, run.run_id) for run in records.runs.read()]
    ended = [(event.at_utc, event.run_id) for event in records.events.read()]
    if not started and not ended:
        raise ReleaseError("no run has been recorded yet", todo="start one: `assay run <product>`")
    return max(ended or started)[1]


def _loads(project: Project, run: Run | None) -> tuple[Load, ...]:
    taken = set(run.load_ids) if run else set()
    if run is None or not taken:
        return ()
    return tuple(load for load in project.loads.all(run.product) if load.load_id in taken)


def _unpassed(checks: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Keep the newest audit of each table version, and of it what did not pass."""
    newest: dict[tuple[str, int], datetime] = {}
    for check in checks:
        key = (check.table, check.version)
        newest[key] = max(newest.get(key, check.checked_at_utc), check.checked_at_utc)
    kept = [
        check
        for check in checks
        if check.status is not CheckStatus.PASSED
        and check.checked_at_utc == newest[check.table, check.version]
    ]
    return tuple(sorted(kept, key=lambda check: (check.table, check.check, check.column)))
