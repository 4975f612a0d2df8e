"""Changes of a contract's rules: column options, listed values and quality sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from assay.contracts.changes.change import SCHEMA, Change, Direction, EntryPath, join
from assay.contracts.changes.limits import LIMITS, compare_limits, direction, read_limits
from assay.contracts.changes.rule import Document, Identity, Rule, compare_rules
from assay.contracts.quality_entry import is_critical

# Options that say how values are read: with them the column's type changes, or nothing does.
_READING = {"format", "timezone", "defaultTimezone"}
_LISTS = {"validValues": False, "missingValues": True}
_TEXTS = {"name", "description", "dimension", "id", "tags", "businessImpact", "method"}
_TEXTS |= {"authoritativeDefinitions", "customProperties", "schedule", "scheduler"}


def rule_changes(old: Document, new: Document, renamed: Mapping[str, str]) -> list[Change]:
    """List the changes of rules between two schemas, as the standard writes them.

    ``renamed`` pairs the old with the new names of columns. The rules of a column that is gone
    or new are part of that change and not listed.
    """
    gone = _column_names(old) - _column_names(new) - set(renamed)
    fresh = _column_names(new) - _column_names(old) - set(renamed.values())
    before = dict(_rules(old, gone, renamed))
    after = dict(_rules(new, fresh, {}))
    parts = _part_names(old, renamed) & _part_names(new, {})
    return list(compare_rules(*(_of_parts(rules, parts) for rules in (before, after))))


def _tell_option(old: Document, new: Document) -> str:
    (was,), (now,) = old.values(), new.values()
    return f" from {was} to {now}"


def _stays(old: Document, new: Document) -> Direction:
    """Where a relationship leads makes it the same: all else are its texts and its severity."""
    return Direction.SAME


def _option_direction(old: Document, new: Document) -> Direction:
    (name,) = old
    if name in LIMITS:
        return compare_limits(read_limits(old), read_limits(new))
    if name == "multipleOf":
        before, after = float(old[name]), float(new[name])
        return direction(after % before == 0, before % after == 0)
    if name == "required":
        asked = set(old[name]), set(new[name])
        return direction(asked[0] <= asked[1], asked[1] <= asked[0])
    if name == "uniqueItems":
        return direction(bool(new[name]), bool(old[name]))
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
) -> Iterator[tuple[Identity, Rule]]:
    """List every rule of a schema by what makes it the same rule in another version."""
    yield from _quality("", schema, SCHEMA)
    yield from _relationships("", schema, SCHEMA)
    for position, column in enumerate(schema.get("properties") or ()):
        name = str(column.get("name"))
        if name in without:
            continue
        name = renamed.get(name, name)
        path = (*SCHEMA, "properties", position)
        for way, part, place in _with_parts(name, column, path):
            yield from _options(way, part, place)
        yield from _quality(name, column, path)
        yield from _relationships(name, column, path)


def _with_parts(
    name: str, part: Document, path: EntryPath
) -> Iterator[tuple[str, Document, EntryPath]]:
    """List a column and all that it is made of, by the way to each, as in `address.zip`."""
    yield name, part, path
    for position, inner in enumerate(part.get("properties") or ()):
        place = (*path, "properties", position)
        yield from _with_parts(f"{name}.{inner.get('name')}", inner, place)
    if isinstance(part.get("items"), Mapping):
        yield from _with_parts(f"{name}.items", part["items"], (*path, "items"))


def _part_names(schema: Document, renamed: Mapping[str, str]) -> set[str]:
    names = ((str(each.get("name")), each) for each in schema.get("properties") or ())
    return {
        way
        for name, column in names
        for way, _, _ in _with_parts(renamed.get(name, name), column, ())
    }


def _of_parts(rules: Mapping[Identity, Rule], parts: set[str]) -> dict[Identity, Rule]:
    """Leave out the options of a part that is gone or new: they are part of that change."""
    whole = ("quality", "relationship")
    return {key: rule for key, rule in rules.items() if key[1] in whole or key[0] in parts}


def _options(name: str, part: Document, path: EntryPath) -> Iterator[tuple[Identity, Rule]]:
    for option, value in (part.get("logicalTypeOptions") or {}).items():
        # A text's format is a rule; any other says how values are read.
        if option not in _READING or (option == "format" and part.get("logicalType") == "string"):
            title = f"{option} of column '{name}'"
            place = (*path, "logicalTypeOptions", option)
            rule = Rule(title, True, {option: value}, place, _option_direction, _tell_option)
            yield (name, option), rule
    if part.get("enum"):
        title, listed = f"the list of values of column '{name}'", {"enum": part["enum"]}
        yield (name, "enum"), Rule(title, True, listed, (*path, "enum"), _enum_direction)


def _quality(column: str, owner: Document, path: EntryPath) -> Iterator[tuple[Identity, Rule]]:
    seen: dict[tuple[str, ...], int] = {}
    for position, rule in enumerate(owner.get("quality") or ()):
        kind = str(rule.get("type", "library"))
        what = str(rule.get("name") or rule.get("metric") or kind)
        identity = (column, "quality", what)
        seen[identity] = seen.get(identity, 0) + 1
        title = f"the rule '{what}'" + (f" of column '{column}'" if column else "")
        critical = kind != "text" and is_critical(str(rule.get("severity") or ""))
        place = (*path, "quality", position)
        yield (*identity, str(seen[identity])), Rule(title, critical, rule, place, _rule_direction)


def _relationships(
    column: str, owner: Document, path: EntryPath
) -> Iterator[tuple[Identity, Rule]]:
    for position, each in enumerate(owner.get("relationships") or ()):
        start = column or _joined(each.get("from"))
        properties = {p.get("property"): p.get("value") for p in each.get("customProperties") or ()}
        title = f"the relationship of '{start}' to {_joined(each.get('to'))}"
        critical = is_critical(str(properties.get("severity") or ""))
        identity = (start, "relationship", _joined(each.get("to")))
        place = (*path, "relationships", position)
        yield identity, Rule(title, critical, each, place, _stays)


def _joined(columns: object) -> str:
    return ", ".join(map(str, columns)) if isinstance(columns, list) else str(columns)
