"""Reading recorded events back: one entry a run, whoever emitted it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from assay.errors import LineageError

_log = logging.getLogger(__name__)

Json = Mapping[str, object]


@dataclass(frozen=True)
class RecordedDataset:
    """A dataset in a run. ``passed`` and ``checked`` count its assertions, where it has any."""

    name: str
    version: str = ""
    passed: int = 0
    checked: int = 0


@dataclass
class RecordedRun:
    """A run, merged from its events. ``is_parent``: other runs name it as their parent."""

    run_id: str
    job: str
    at_utc: datetime
    state: str = ""
    is_parent: bool = False
    inputs: dict[str, RecordedDataset] = field(default_factory=dict)
    outputs: dict[str, RecordedDataset] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """What a file of events tells. ``skipped`` lines could not be read."""

    runs: tuple[RecordedRun, ...]
    events: int
    skipped: int = 0


def read_events(path: Path, namespace: str) -> Recorded:
    """Read a file of events and merge those of one run.

    Names of other namespaces are told apart as ``<namespace>/<name>``. Lines that are no event,
    such as the torn last line of a killed process, are skipped and counted.

    Raises:
        LineageError: there is no file, or no event in it.
    """
    runs: dict[str, RecordedRun] = {}
    parents: set[str] = set()
    events = skipped = 0
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if not line.strip():
                    continue
                try:
                    parent = _merge(runs, json.loads(line), namespace)
                except (ValueError, KeyError, TypeError, AttributeError):
                    skipped += 1
                    continue
                events += 1
                parents.add(parent)
    except FileNotFoundError:
        pass
    if skipped:
        _log.warning("lineage_lines_skipped lines=%d file=%s", skipped, path)
    if not runs:
        raise LineageError(
            "no lineage is recorded yet",
            where=str(path),
            todo="run a product first, such as `make run`; lineage is recorded as it runs",
        )
    for run in runs.values():
        run.is_parent = run.job in parents
    return Recorded(tuple(runs.values()), events, skipped)


def _merge(runs: dict[str, RecordedRun], event: Json, namespace: str) -> str:
    """Add one event to its run; return the name of its parent job."""
    job, run_id = _name(_dict(event["job"]), namespace), str(_dict(event["run"])["runId"])
    at_utc = _time(str(event["eventTime"]))
    inputs = _datasets(event.get("inputs"), namespace)
    outputs = _datasets(event.get("outputs"), namespace)
    facets = _dict(_dict(event["run"]).get("facets") or {})
    parent = _dict(facets["parent"])["job"] if "parent" in facets else None
    parent_name = _name(_dict(parent), namespace) if parent else ""
    run = runs.setdefault(run_id, RecordedRun(run_id, job, at_utc))
    if run.at_utc <= at_utc:
        run.at_utc = at_utc
        run.state = str(event.get("eventType") or run.state)
    for known, more in ((run.inputs, inputs), (run.outputs, outputs)):
        known.update((d.name, d) for d in more if d.version or d.name not in known)
    return parent_name


def _time(text: str) -> datetime:
    """Read a time; one without a zone is taken as UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _datasets(value: object, namespace: str) -> list[RecordedDataset]:
    datasets: Iterable[object] = value if isinstance(value, list) else []
    return [_dataset(_dict(each), namespace) for each in datasets]


def _dataset(value: Json, namespace: str) -> RecordedDataset:
    version = _dict(_dict(value.get("facets") or {}).get("version") or {})
    quality = _dict(value.get("inputFacets") or {}).get("dataQualityAssertions")
    assertions = _dict(quality or {}).get("assertions")
    checks = assertions if isinstance(assertions, list) else []
    return RecordedDataset(
        _name(value, namespace),
        str(version.get("datasetVersion") or ""),
        sum(_dict(check).get("success") is True for check in checks),
        len(checks),
    )


def _name(value: Json, namespace: str) -> str:
    name = str(value["name"])
    return name if value["namespace"] == namespace else f"{value['namespace']}/{name}"


def _dict(value: object) -> Json:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value
