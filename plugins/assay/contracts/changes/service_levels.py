"""Changes of what a contract promises of its service: levels, and until when it is served."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assay.contracts.changes.change import (
    Change,
    Direction,
    EntryPath,
    Party,
    whom_breaks,
)
from assay.contracts.changes.limits import compare_limits
from assay.contracts.changes.source import ContractSource
from assay.contracts.end_of_support import is_end_of_support
from assay.contracts.level_names import level_name
from assay.contracts.limits import Interval, read_limits
from assay.domain import Contract, ServiceLevel, Severity, Sla, SlaKind

_LEVELS = "slaProperties"
# Whether a level for people promises more with a higher figure or later day, or with a lower one.
_SIDES = {
    **dict.fromkeys(("availability", "throughput", "retention", "endoflife"), "minimum"),
    **dict.fromkeys(("errorrate", "timetodetect", "timetonotify", "timetorepair"), "maximum"),
    "frequency": "maximum",
}


@dataclass(frozen=True)
class _Level:
    """One service level: what it promises, all that it says, and where it stands."""

    promise: ServiceLevel
    written: Mapping[str, Any]
    path: EntryPath

    @property
    def sla(self) -> Sla | None:
        return self.promise.judged

    @property
    def title(self) -> str:
        of = f" of {self.promise.element}" if self.promise.element else ""
        return f"the service level {self.promise.name}{of}"

    @property
    def value(self) -> str:
        most = f" to {self.promise.upper}" if self.promise.upper is not None else ""
        return f"{self.promise.value}{most} {self.promise.unit}".strip()

    @property
    def is_critical(self) -> bool:
        return self.sla is not None and self.sla.severity is Severity.CRITICAL


def level_changes(
    old: ContractSource, new: ContractSource, before: Contract, after: Contract, today: date
) -> Iterator[Change]:
    """List the changes of service levels, and of the day until which the table is served.

    That day breaks consumers where it leaves them no time: earlier than it was, or newly stated
    and not after ``today``.
    """
    levels, others = dict(_levels(old, before)), dict(_levels(new, after))
    for key in [*levels, *(each for each in others if each not in levels)]:
        one, other = levels.get(key), others.get(key)
        if one is None and other is not None:
            broken = (Party.PRODUCERS,) if other.is_critical else ()
            yield Change(f"{other.title} is added: {other.value}", broken, path=other.path)
        elif one is not None and other is None:
            what = f"{one.title} is removed: it was {one.value}"
            yield Change(what, (Party.CONSUMERS,), path=one.path, is_old=True)
        elif one is not None and other is not None and one.written != other.written:
            yield _compare(one, other)
    yield from _support_changes(new, before, after, today)


def _levels(source: ContractSource, contract: Contract) -> Iterator[tuple[tuple[str, ...], _Level]]:
    entries = source.document.get(_LEVELS) or ()
    seen: dict[tuple[str, str], int] = {}
    for promise in contract.service_levels:
        key = _identity(promise, contract.table)
        seen[key] = seen.get(key, 0) + 1
        entry = entries[promise.position]
        yield (*key, str(seen[key])), _Level(promise, entry, (_LEVELS, promise.position))


def _identity(promise: ServiceLevel, table: str) -> tuple[str, str]:
    """What makes a level the same one, whichever way its name and its column are written."""
    sla = promise.judged
    name = sla.kind.value if sla else level_name(promise.name)
    element = "" if promise.element == table else promise.element.removeprefix(f"{table}.")
    return name, (sla and sla.column) or element


def _compare(old: _Level, new: _Level) -> Change:
    is_told = old.value != new.value
    way = _direction(old, new) if is_told else Direction.SAME
    words = [f"is {new.value}, before it was {old.value}"] if is_told else []
    broken = {*_whom(way, new)}
    if old.is_critical != new.is_critical:
        words.append("is critical now" if new.is_critical else "is no longer critical")
        turn = Direction.TIGHTER if new.is_critical else Direction.LOOSER
        broken |= {*whom_breaks(turn)}
    elif _severity(old) is not _severity(new):
        words.append(f"is of severity {_severity(new)}, before it was {_severity(old)}")
    if not words:
        return Change(f"{new.title}: its texts are changed", is_text=True, path=new.path)
    ordered = tuple(party for party in Party if party in broken)
    return Change(f"{new.title} {' and '.join(words)}", ordered, path=new.path)


def _whom(way: Direction, level: _Level) -> tuple[Party, ...]:
    """A level that promises more asks it of producers only where it stops the run."""
    return tuple(
        party for party in whom_breaks(way) if party is not Party.PRODUCERS or level.is_critical
    )


def _severity(level: _Level) -> Severity | None:
    return level.sla.severity if level.sla else None


def _direction(old: _Level, new: _Level) -> Direction:
    if old.sla is not None and new.sla is not None and old.sla.kind is new.sla.kind:
        return compare_limits((_held(old.sla),), (_held(new.sla),))
    figures = _promised(old.promise), _promised(new.promise)
    is_alike = old.sla is new.sla and _beside(old.promise) == _beside(new.promise)
    return compare_limits(*figures) if is_alike and all(figures) else Direction.OTHER


def _promised(promise: ServiceLevel) -> tuple[Interval, ...] | None:
    """The figures or days that keep a level for people; None where they cannot be told."""
    side = _SIDES.get(level_name(promise.name))
    return read_limits({side: promise.value}) if side else None


def _beside(promise: ServiceLevel) -> tuple[object, ...]:
    return promise.unit.lower(), promise.upper


def _held(sla: Sla) -> Interval:
    """The figures that keep a service level."""
    if sla.kind in (SlaKind.FRESHNESS, SlaKind.FREQUENCY):
        return Interval(high=sla.limit)
    return Interval(low=sla.limit, high=math.inf if sla.upper is None else sla.upper)


def _support_changes(
    new: ContractSource, before: Contract, after: Contract, today: date
) -> Iterator[Change]:
    was, now = before.end_of_support, after.end_of_support
    if was == now:
        return
    is_shorter = now is not None and (now <= today if was is None else now < was)
    what = f"it is served until {now or 'further notice'}" + (
        f", before until {was}" if was else ""
    )
    stated = [
        position
        for position, entry in enumerate(new.document.get(_LEVELS) or ())
        if is_end_of_support(str(entry.get("property") or ""))
    ]
    path: EntryPath = (_LEVELS, *stated[:1])
    yield Change(what, (Party.CONSUMERS,) if is_shorter else (), path=path)
