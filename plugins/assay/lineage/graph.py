"""What feeds a dataset and what it feeds, from recorded events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assay.domain import did_you_mean
from assay.errors import LineageError
from assay.lineage.recorded import Recorded, RecordedRun


@dataclass(frozen=True, order=True)
class Edge:
    """A dataset that a job made another from. ``at_utc``: the job's newest success."""

    source: str
    target: str
    job: str
    at_utc: datetime


@dataclass(frozen=True)
class Sighting:
    """The newest version of a dataset that events name, and when."""

    version: str
    at_utc: datetime


@dataclass(frozen=True)
class Audit:
    """The newest audit of a dataset: assertions that held, of how many, at which version."""

    job: str
    version: str
    passed: int
    checked: int
    at_utc: datetime


@dataclass(frozen=True)
class LineageGraph:
    """A dataset with all that it comes from and all that comes from it."""

    dataset: str
    upstream: tuple[Edge, ...]
    downstream: tuple[Edge, ...]
    newest: Mapping[str, Sighting]
    audits: Mapping[str, Audit]


def upstream_and_downstream(recorded: Recorded, dataset: str) -> LineageGraph:
    """Follow the jobs to and from a dataset, to the ends; a cycle is followed once.

    Of each job its newest completed run counts, and only of jobs that are nobody's parent: a
    task names all that its models read and wrote, which is no edge from each to each. The edges
    of a model that was deleted stay, with the time of its last run.

    Raises:
        LineageError: no recorded event names the dataset.
    """
    runs = _newest_completed(recorded)
    names = {name for run in recorded.runs for name in (*run.inputs, *run.outputs)}
    if dataset not in names:
        raise _unknown(dataset, names)
    edges = {
        Edge(source, target, run.job, run.at_utc)
        for run in runs
        if not run.is_parent
        for source in run.inputs
        for target in run.outputs
    }
    newest, audits = _newest_sightings(recorded), _newest_audits(runs)
    return LineageGraph(
        dataset,
        _follow(edges, dataset, is_upstream=True),
        _follow(edges, dataset, is_upstream=False),
        newest,
        audits,
    )


def _newest_completed(recorded: Recorded) -> list[RecordedRun]:
    newest: dict[str, RecordedRun] = {}
    for run in recorded.runs:
        known = newest.get(run.job)
        if run.state == "COMPLETE" and (known is None or known.at_utc <= run.at_utc):
            newest[run.job] = run
    return list(newest.values())


def _newest_sightings(recorded: Recorded) -> dict[str, Sighting]:
    """Take each dataset's version from the newest run that wrote it, else that read it.

    One that has a version keeps it where a later run names none.
    """
    written: dict[str, Sighting] = {}
    read: dict[str, Sighting] = {}
    for run in sorted(recorded.runs, key=lambda run: run.at_utc):
        if run.state == "COMPLETE":
            for seen, datasets in ((read, run.inputs), (written, run.outputs)):
                for each in datasets.values():
                    known = seen.get(each.name)
                    if each.version or known is None or not known.version:
                        seen[each.name] = Sighting(each.version, run.at_utc)
    unversioned = {name for name, each in read.items() if not each.version}
    return read | {
        name: each
        for name, each in written.items()
        if each.version or name not in read or name in unversioned
    }


def _newest_audits(runs: list[RecordedRun]) -> dict[str, Audit]:
    audits: dict[str, Audit] = {}
    for run in sorted(runs, key=lambda run: run.at_utc):
        for each in run.inputs.values():
            if each.checked:
                audits[each.name] = Audit(
                    run.job, each.version, each.passed, each.checked, run.at_utc
                )
    return audits


def _follow(edges: set[Edge], start: str, *, is_upstream: bool) -> tuple[Edge, ...]:
    found: set[Edge] = set()
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for edge in edges:
            near, far = (edge.target, edge.source) if is_upstream else (edge.source, edge.target)
            if near == here:
                found.add(edge)
                if far not in seen:
                    seen.add(far)
                    waiting.append(far)
    return tuple(sorted(found))


def _unknown(dataset: str, names: set[str]) -> LineageError:
    return LineageError(
        f"no recorded run read or wrote '{dataset}'",
        todo=did_you_mean(dataset, names, "run a product first: `assay run <product>`"),
    )
