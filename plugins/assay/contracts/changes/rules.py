"""Changes of a contract's rules: column options, listed values and quality sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial

from assay.contracts.changes.change import SCHEMA, Change, Direction, EntryPath
from assay.contracts.changes.limits import compare_limits, direction
from assay.contracts.changes.quality import list_direction, quality_rules
from assay.contracts.changes.rule import Document, Identity, Rule, compare_rules
from assay.contracts.changes.source import ContractSource
from assay.contracts.limits import BOUNDS, LIMITS, Interval, asks_nothing, read_limits
from assay.contracts.place import Place
from assay.contracts.quality_entry import Subject
from assay.contracts.types import stated_options
from assay.domain import Contract, Severity

# Options that say how values are read: with them the column's type changes, or nothing does.
_READING = {"format", "timezone", "defaultTimezone"}


def rule_changes(
    old: ContractSource,
    new: ContractSource,
    before: Contract,
    after: Contract,
    renamed: Mapping[str, str],
) -> list[Change]:
    """List the changes of rules between two versions of a contract.

    ``renamed`` pairs the old with the new names of columns. The rules of a column that is gone
    or new are part of that change and not listed.
    """
    gone = _column_names(old.schema) - _column_names(new.schema) - set(renamed)
    fresh = _column_names(new.schema) - _column_names(old.schema) - set(renamed.values())
    rules = dict(_rules(old, before, gone, renamed)), dict(_rules(new, after, fresh, {}))
    parts = _part_names(old.schema, renamed) & _part_names(new.schema, {})
    return list(compare_rules(*(_of_parts(each, parts) for each in rules)))


def _tell_option(old: Document, new: Document) -> str:
    if len(new) == 1 and old.keys() == new.keys():
        (was,), (now,) = old.values(), new.values()
        return f" from {was} to {now}"
    return f": it is {_show_bound(new)}, before it was {_show_bound(old)}"


def _show_bound(bound: Document) -> str:
    return " and ".join(f"{option} {value}" for option, value in bound.items())


def _bound_direction(old: Document, new: Document, *, is_whole: bool) -> Direction:
    """Compare a column's lowest or highest values, each written as one option or as two."""
    return compare_limits(_read_bound(old, is_whole), _read_bound(new, is_whole))


def _read_bound(bound: Document, is_whole: bool) -> tuple[Interval, ...] | None:
    found = Interval()
    for option, value in bound.items():
        limits = read_limits({option: value})
        if limits is None:
            return None
        found = found.within(limits[0])
    return (found.of_whole_numbers() if is_whole else found,)


def _option_direction(old: Document, new: Document) -> Direction:
    (name,) = old
    if name in LIMITS:
        return compare_limits(read_limits(old), read_limits(new))
    if name == "multipleOf":
        # 0.3 is a multiple of 0.1, but not in binary fractions.
        before, after = (Fraction(str(one[name])) for one in (old, new))
        return direction(after % before == 0, before % after == 0)
    if name == "required":
        asked = set(old[name]), set(new[name])
        return direction(asked[0] <= asked[1], asked[1] <= asked[0])
    if name == "uniqueItems":
        return direction(bool(new[name]), bool(old[name]))
    return Direction.SAME if old == new else Direction.OTHER


def _enum_direction(old: Document, new: Document) -> Direction:
    listed = ([each.get("value") for each in one["enum"]] for one in (old, new))
    # NULL may stand whether it is listed or not.
    return list_direction(*([each for each in one if each is not None] for one in listed))


def _column_names(schema: Document) -> set[str]:
    return {str(each.get("name")) for each in schema.get("properties") or ()}


def _rules(
    source: ContractSource, contract: Contract, without: set[str], renamed: Mapping[str, str]
) -> Iterator[tuple[Identity, Rule]]:
    """List every rule of a schema by what makes it the same rule in another version."""
    # What was read compiles again: no error asks for a narrower place.
    file = Place(source.file, None)
    named = {column.name: column for column in contract.columns}
    subject = Subject(None, named, contract.null_texts)
    yield from quality_rules("", source.schema, subject, file, SCHEMA)
    for position, column in enumerate(source.schema.get("properties") or ()):
        name = str(column.get("name"))
        if name in without:
            continue
        subject = replace(subject, column=named[name])
        name = renamed.get(name, name)
        path = (*SCHEMA, "properties", position)
        for way, part, place in _with_parts(name, column, path):
            yield from _options(way, part, place)
        yield from quality_rules(name, column, subject, file, path)


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
    return {key: rule for key, rule in rules.items() if key[1] == "quality" or key[0] in parts}


def _bounds(name: str, part: Document, path: EntryPath) -> Iterator[tuple[Identity, Rule]]:
    options = part.get("logicalTypeOptions") or {}
    way = partial(_bound_direction, is_whole=_is_whole(part))
    for names in BOUNDS:
        said = {option: options[option] for option in names if option in options}
        if said:
            title = f"{' and '.join(said)} of column '{name}'"
            place = (*path, "logicalTypeOptions", *[*said][:1])
            yield (name, names[0]), Rule(title, Severity.CRITICAL, said, place, way, _tell_option)


def _options(name: str, part: Document, path: EntryPath) -> Iterator[tuple[Identity, Rule]]:
    yield from _bounds(name, part, path)
    written = part.get("logicalTypeOptions") or {}
    for option, value in stated_options(written, part.get("physicalType")).items():
        # A text's format is a rule; any other says how values are read.
        is_format = option == "format" and part.get("logicalType") == "string"
        if _is_bound(option) or (option in _READING and not is_format):
            continue
        title = f"{option} of column '{name}'"
        is_written = option in written
        place = (*path, *(("logicalTypeOptions", option) if is_written else ("physicalType",)))
        said = {option: value}
        rule = Rule(title, Severity.CRITICAL, said, place, _option_direction, _tell_option)
        is_vacuous = asks_nothing(option, value, is_whole=_is_whole(part))
        yield (name, option), replace(rule, is_vacuous=is_vacuous)
    if part.get("enum"):
        title, listed = f"the list of values of column '{name}'", {"enum": part["enum"]}
        place = (*path, "enum")
        yield (name, "enum"), Rule(title, Severity.CRITICAL, listed, place, _enum_direction)


def _is_bound(option: str) -> bool:
    return any(option in names for names in BOUNDS)


def _is_whole(part: Document) -> bool:
    return part.get("logicalType") == "integer"
