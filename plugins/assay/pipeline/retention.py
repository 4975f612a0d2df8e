"""Which table versions have to stay: those of retained releases, live runs, kept candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.domain import Candidate, Release, Run, TableRef
from assay.errors import ReleaseError
from assay.pipeline.locks import read_fence, read_holder
from assay.pipeline.project import Project
from assay.pipeline.run_states import RunState, find_standing
from assay.records import RecordTable

_LIVE = {RunState.RUNNING, RunState.WAITING}


@dataclass(frozen=True)
class RetiredRelease:
    """A release whose table versions are not kept any more. Grain: one row a release."""

    product: str
    number: int
    retired_at_utc: datetime


@dataclass(frozen=True)
class Retention:
    """What to keep. ``releases`` are kept releases, ``retired`` the rest, by product."""

    versions: Mapping[TableRef, frozenset[int]]
    releases: tuple[Release, ...]
    retired: tuple[Release, ...]
    live_runs: tuple[Run, ...]


def retired_releases(project: Project) -> RecordTable[RetiredRelease]:
    """The record of releases that are not kept any more, in ``lake/_assay``."""
    return RecordTable(project.lake, "retired_releases", RetiredRelease)


def require_retained(project: Project, release: Release) -> None:
    """Make sure that the tables of a release are still kept.

    Raises:
        ReleaseError: they are not.
    """
    if retired_releases(project).read(product=release.product, number=release.number):
        raise ReleaseError(
            f"release {release.number} of {release.product} is beyond retention:"
            " its table versions are not kept any more",
            todo=f"`assay releases {release.product}` lists the releases; ASSAY_KEEP_RELEASES"
            " says how many are kept",
        )


def find_retention(
    project: Project, keep_releases: int, keep_days: int, holders: Mapping[str, str]
) -> Retention:
    """Find what has to stay, over all products.

    Kept are a product's newest releases, the releases that a live run started from or reads,
    those that a kept release of another product was built from, and candidates of live runs
    and of the last days.

    Args:
        holders: the run at work by product, of the products whose lock the caller holds.
    """
    everything = project.releases.everything()
    gone = {(each.product, each.number) for each in retired_releases(project).read()}
    runs = project.records.runs.read()
    live = tuple(run for run in runs if _is_live(project, run, everything, holders))
    wanted = _newest(everything, keep_releases)
    for run in live:
        wanted |= {(run.product, run.base_release), *run.pins.items()}
    wanted |= {
        pin
        for each in everything
        if (each.product, each.number) in wanted
        for pin in each.reads.items()
    }
    kept = tuple(r for r in everything if (r.product, r.number) in wanted - gone)
    retired = tuple(r for r in everything if (r.product, r.number) not in wanted | gone)
    versions: dict[TableRef, set[int]] = defaultdict(set)
    for release in kept:
        for table, version in release.tables.items():
            versions[TableRef.parse(table)].add(version)
    since = project.clock() - timedelta(days=keep_days)
    live_ids = {run.run_id for run in live}
    for candidate in project.records.candidates.read():
        if candidate.run_id in live_ids or candidate.written_at_utc >= since:
            versions[_table(candidate)].add(candidate.version)
    return Retention({t: frozenset(v) for t, v in versions.items()}, kept, retired, live)


def _newest(releases: list[Release], count: int) -> set[tuple[str, int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for release in releases:
        numbers[release.product].append(release.number)
    return {(p, n) for p, found in numbers.items() for n in sorted(found)[-max(count, 1) :]}


def _is_live(
    project: Project, run: Run, releases: list[Release], holders: Mapping[str, str]
) -> bool:
    newest = read_fence(project.lake, run.product)
    if run.fence != newest:
        return False
    holder = holders.get(run.product)
    if holder is None:
        holder = read_holder(project.lake, run.product)
    standing = find_standing(
        run,
        project.records.events_of(run.run_id),
        is_published=any(r.run_id == run.run_id for r in releases),
        newest_fence=newest,
        holder=holder,
    )
    return standing.state in _LIVE


def _table(candidate: Candidate) -> TableRef:
    return TableRef.parse(candidate.table)
