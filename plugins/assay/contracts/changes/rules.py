"""Changes of a contract's rules: column options, listed values and quality sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.contracts.changes.change import Change, Direction, join, whom_breaks
from assay.contracts.changes.limits import LIMITS, compare_limits, direction, read_limits
from assay.contracts.quality_entry import is_critical

Document = Mapping[str, Any]

# Options that say how values are read: with them the column's type changes, or nothing does.
_READING = {"format", "timezone", "defaultTimezone"}
_LISTS = {"validValues": False, "missingValues": True}
_TEXTS = {"name", "description", "dimension", "id", "tags", "businessImpact", "method"}
_TEXTS |= {"authoritativeDefinitions", "customProperties", "schedule", "scheduler"}


@dataclass(frozen=True)
class _Rule:
    """One rule as it stands: ``content`` holds all that it says."""

    title: str
    kind: str
    is_critical: bool
    content: Document


def rule_changes(old: Document, new: Document, renamed: Mapping[str, str]) -> list[Change]:
    """List the changes of rules between two schemas, as the standard writes them.

    ``renamed`` pairs the old with the new names of columns. The rules of a column that is gone
    or new are part of that change and not listed.
    """
    gone = _column_names(old) - _column_names(new) - set(renamed)
    fresh = _column_names(new) - _column_names(old) - set(renamed.values())
    before = dict(_rules(old, gone, renamed))
    after = dict(_rules(new, fresh, {}))
    changes: list[Change] = []
    for identity in [*before, *(each for each in after if each not in before)]:
        changes += _compare(before.get(identity), after.get(identity))
    return changes


def _compare(old: _Rule | None, new: _Rule | None) -> Iterator[Change]:
    if old is None or new is None:
        rule = old or new
        if rule is not None:
            way = Direction.LOOSER if new is None else Direction.TIGHTER
            what = f"{rule.title} is {'removed' if new is None else 'added'}"
            yield Change(what, whom_breaks(way) if rule.is_critical else ())
        return
    if old.content == new.content:
        return
    way = _direction(old, new)
    if old.is_critical != new.is_critical:
        is_stopped = "critical now" if new.is_critical else "no longer critical"
        yield Change(
            f"{new.title} is {is_stopped}" + ("" if way is Direction.SAME else f", and {way}"),
            whom_breaks(join(way, Direction.TIGHTER if new.is_critical else Direction.LOOSER)),
        )
    elif way is Direction.SAME:
        yield Change(f"{new.title}: its texts are changed", is_text=True)
    else:
        what = f"{new.title} is {way}{_values(old, new)}"
        yield Change(what, whom_breaks(way) if new.is_critical else ())


def _values(old: _Rule, new: _Rule) -> str:
    """Say what an option was and is; of other rules the file shows it better."""
    if old.kind != "option":
        return ""
    (was,), (now,) = old.content.values(), new.content.values()
    return f" from {was} to {now}"


def _direction(old: _Rule, new: _Rule) -> Direction:
    if old.kind == "relationship":
        # Where it leads makes it the same one: all else that it says are texts and its severity.
        return Direction.SAME
    compare = {"option": _option_direction, "enum": _enum_direction}.get(old.kind, _rule_direction)
    return compare(old.content, new.content)


def _option_direction(old: Document, new: Document) -> Direction:
    (name,) = old
    if name in LIMITS:
        return compare_limits(read_limits(old), read_limits(new))
    if name == "multipleOf":
        before, after = float(old[name]), float(new[name])
        return direction(after % before == 0, before % after == 0)
    return Direction.SAME if old == new else Direction.OTHER


def _enum_direction(old: Document, new: Document) -> Direction:
    return _list_direction(*([each.get("value") for each in one["enum"]] for one in (old, new)))


def _rule_direction(old: Document, new: Document) -> Direction:
    if _shape(old) != _shape(new):
        return Direction.OTHER
    way = compare_limits(read_limits(old), read_limits(new)) if read_limits(old) else Direction.SAME
    if read_limits(old) is None and read_limits(new) is not None:
        return Direction.OTHER
    for name, is_reversed in _LISTS.items():
        lists = [list((one.get("arguments") or {}).get(name, ())) for one in (old, new)]
        way = join(way, _list_direction(*(reversed(lists) if is_reversed else lists)))
    return join(way, _share_direction(old, new))


def _share_direction(old: Document, new: Document) -> Direction:
    """Compare the share of rows that must keep an expectation: `mostly`."""
    before, after = (_arguments(one).get("mostly", 1) for one in (old, new))
    return direction(after >= before, after <= before)


def _shape(rule: Document) -> Document:
    """What of a rule has no order: another one is another rule."""
    rest = {
        key: value
        for key, value in rule.items()
        if key not in _TEXTS and key not in LIMITS and key not in ("severity", "arguments")
    }
    arguments = {k: v for k, v in (rule.get("arguments") or {}).items() if k not in _LISTS}
    if isinstance(rest.get("implementation"), Mapping):
        kwargs = {k: v for k, v in _arguments(rule).items() if k != "mostly"}
        rest["implementation"] = {"type": rest["implementation"].get("type"), "kwargs": kwargs}
    return rest | {"arguments": arguments, "type": rule.get("type", "library")}


def _arguments(rule: Document) -> Document:
    implementation = rule.get("implementation")
    return (implementation.get("kwargs") or {}) if isinstance(implementation, Mapping) else {}


def _list_direction(old: Iterable[object], new: Iterable[object]) -> Direction:
    before, after = {repr(each) for each in old}, {repr(each) for each in new}
    return direction(after <= before, before <= after)


def _column_names(schema: Document) -> set[str]:
    return {str(each.get("name")) for each in schema.get("properties") or ()}


def _rules(
    schema: Document, without: set[str], renamed: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], _Rule]]:
    """List every rule of a schema by what makes it the same rule in another version."""
    yield from _quality("", schema.get("quality") or ())
    yield from _relationships("", schema.get("relationships") or ())
    for column in schema.get("properties") or ():
        name = str(column.get("name"))
        if name in without:
            continue
        name = renamed.get(name, name)
        for option, value in (column.get("logicalTypeOptions") or {}).items():
            if option not in _READING:
                title = f"{option} of column '{name}'"
                yield (name, option), _Rule(title, "option", True, {option: value})
        if column.get("enum"):
            title = f"the list of values of column '{name}'"
            yield (name, "enum"), _Rule(title, "enum", True, {"enum": column["enum"]})
        yield from _quality(name, column.get("quality") or ())
        yield from _relationships(name, column.get("relationships") or ())


def _quality(column: str, rules: Iterable[Document]) -> Iterator[tuple[tuple[str, ...], _Rule]]:
    seen: dict[tuple[str, ...], int] = {}
    for rule in rules:
        kind = str(rule.get("type", "library"))
        what = str(rule.get("name") or rule.get("metric") or kind)
        identity = (column, "quality", what)
        seen[identity] = seen.get(identity, 0) + 1
        title = f"the rule '{what}'" + (f" of column '{column}'" if column else "")
        critical = kind != "text" and is_critical(str(rule.get("severity") or ""))
        yield (*identity, str(seen[identity])), _Rule(title, kind, critical, rule)


def _relationships(
    column: str, relationships: Iterable[Document]
) -> Iterator[tuple[tuple[str, ...], _Rule]]:
    for each in relationships:
        start = column or _joined(each.get("from"))
        properties = {p.get("property"): p.get("value") for p in each.get("customProperties") or ()}
        title = f"the relationship of '{start}' to {_joined(each.get('to'))}"
        critical = is_critical(str(properties.get("severity") or ""))
        identity = (start, "relationship", _joined(each.get("to")))
        yield identity, _Rule(title, "relationship", critical, each)


def _joined(columns: object) -> str:
    return ", ".join(map(str, columns)) if isinstance(columns, list) else str(columns)
