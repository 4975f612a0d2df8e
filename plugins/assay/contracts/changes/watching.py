"""Changes of what a contract asks to be watched day by day: each measure is a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.contracts.changes.change import SCHEMA, Change, Direction, EntryPath, join
from assay.contracts.changes.limits import direction
from assay.contracts.changes.rule import Document, Identity, Rule, compare_rules
from assay.domain import Severity

_PATH: EntryPath = (*SCHEMA, "customProperties", "watch", "value")
# A larger one lets more days through as usual.
_LIMITS = ("atLeast", "score", "factor")
_SETTINGS = {
    "day": "the column whose days are watched",
    "settleDays": "settleDays of the watch",
    "acceptedDays": "acceptedDays of the watch",
}


def watch_changes(old: Document, new: Document, renamed: Mapping[str, str]) -> Iterator[Change]:
    """List the changes of ``watch`` between two schemas, as the standard writes them."""
    before, after = _watch(old), _watch(new)
    if before and after:
        for key, title in _SETTINGS.items():
            was, now = before.get(key), after.get(key)
            was = renamed.get(was, was) if isinstance(was, str) else was
            if was != now:
                what = f"{title} is {_show(now)}, before it was {_show(was)}"
                yield Change(what, path=(*_PATH, key))
    yield from compare_rules(dict(_measures(before, renamed)), dict(_measures(after, {})))


def _watch(schema: Document) -> Document:
    values = [
        each.get("value")
        for each in schema.get("customProperties") or ()
        if each.get("property") == "watch"
    ]
    return values[0] if values and isinstance(values[0], Mapping) else {}


def _measures(watch: Document, renamed: Mapping[str, str]) -> Iterator[tuple[Identity, Rule]]:
    for position, measure in enumerate(watch.get("measures") or ()):
        column = str(measure.get("column") or "")
        column = renamed.get(column, column)
        kind, method = str(measure.get("measure")), str(measure.get("method") or "")
        of = f" of '{column}'" if column else ""
        yield (
            (kind, method, column),
            Rule(
                title=f"the watch for {kind}{of}{f' by {method}' if method else ''}",
                severity=Severity(measure.get("severity") or Severity.WARNING),
                content={**measure, **({"column": column} if column else {})},
                path=(*_PATH, "measures", position),
                direction=_direction,
                tell=_tell,
            ),
        )


def _direction(old: Document, new: Document) -> Direction:
    others = {*old, *new} - {*_LIMITS, "severity"}
    if any(old.get(key) != new.get(key) for key in others):
        return Direction.OTHER
    way = Direction.SAME
    for key in _LIMITS:
        way = join(way, _limit_direction(old.get(key), new.get(key)))
    return way


def _limit_direction(was: object, now: object) -> Direction:
    if was == now:
        return Direction.SAME
    if isinstance(was, int | float) and isinstance(now, int | float):
        return direction(now <= was, was <= now)
    return Direction.OTHER


def _tell(old: Document, new: Document) -> str:
    told = [
        f"its {key} is {_show(new.get(key))}, before it was {_show(old.get(key))}"
        for key in dict.fromkeys((*old, *new))
        if key != "severity" and old.get(key) != new.get(key)
    ]
    return f": {'; '.join(told)}"


def _show(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return "not given" if value is None else str(value)
