"""Compares a project's contracts at two moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from assay.contracts.changes.change import BOTH, SCHEMA, Change, EntryPath, Party, Step
from assay.contracts.changes.columns import column_changes, find_renamed
from assay.contracts.changes.delivery import delivery_changes
from assay.contracts.changes.relationships import relationship_changes
from assay.contracts.changes.rules import rule_changes
from assay.contracts.changes.servers import server_changes
from assay.contracts.changes.service_levels import level_changes
from assay.contracts.changes.source import ContractSource
from assay.contracts.changes.versions import demanded_version, find_problems
from assay.contracts.changes.watching import watch_changes
from assay.domain import Column, Contract, Layer

_Leaf = tuple[EntryPath, str]
# All contracts of the two moments that can be read: relationships lead to others by their ids.
_Known = tuple[Sequence[Contract], Sequence[Contract]]
# What the comparisons of columns, rules and delivery speak of; all else of a document is text.
_COMPARED = {
    "logicalType", "physicalType", "physicalName", "required", "unique", "primaryKey",
    "primaryKeyPosition", "classification", "logicalTypeOptions", "enum", "quality",
    "relationships", "servers", "slaProperties", "version",
}  # fmt: skip
# Of a table these are for people, of a column they make its type.
_FOR_PEOPLE_OF_TABLE = {"logicalType", "physicalType"}
_COMPARED_PROPERTIES = {
    "layer", "deliveryMode", "orderingColumn", "sourceSystem", "nullTexts", "finalLineBreak",
    "maxQuarantinedShare", "personalData", "migrationNotes", "watch",
}  # fmt: skip


@dataclass(frozen=True)
class ContractDiff:
    """What has changed in one contract file. ``problems`` is empty where the step was made.

    A version is empty where the file was or is not there.
    """

    file: str
    old_version: str
    new_version: str
    changes: tuple[Change, ...]
    problems: tuple[str, ...]

    @property
    def step(self) -> Step:
        return max((change.step for change in self.changes), default=Step.NONE)

    @property
    def demanded_version(self) -> str:
        """The least version that the changes allow; empty for a new or a removed contract."""
        is_kept = self.old_version and self.new_version
        return demanded_version(self.old_version, self.step) if is_kept else ""


def compare_contracts(
    old: Sequence[ContractSource], new: Sequence[ContractSource], today: date
) -> tuple[ContractDiff, ...]:
    """Compare the contracts of a project at two moments, file by file; unchanged ones are left out.

    Args:
        today: a deprecated contract may be removed once its end of support has passed; that end
            may be stated as a day that is still to come.
    """
    before = {source.file: source for source in old}
    after = {source.file: source for source in new}
    known = _readable(old), _readable(new)
    diffs = []
    for file in sorted({*before, *after}):
        one, other = before.get(file), after.get(file)
        if one is None and other is not None:
            diffs.append(_added(other))
        elif one is not None and other is None:
            diffs.append(_removed(one, today))
        elif one is not None and other is not None and one.document != other.document:
            diffs.append(_changed(one, other, known, today))
    return tuple(diffs)


def _readable(sources: Sequence[ContractSource]) -> list[Contract]:
    return [source.contract for source in sources if source.contract]


def _added(source: ContractSource) -> ContractDiff:
    version = source.version
    changes = (Change("the contract is added"),)
    return ContractDiff(source.file, "", version, changes, _unreadable(source))


def _unreadable(source: ContractSource) -> tuple[str, ...]:
    return (f"it cannot be read: {source.error}",) if source.error else ()


def _removed(source: ContractSource, today: date) -> ContractDiff:
    change = Change("the contract is removed", BOTH)
    contract = source.contract
    if contract is not None and contract.layer is Layer.GOLD:
        change = change.without(Party.PRODUCERS)
    problem = _too_early(contract, today)
    return ContractDiff(source.file, source.version, "", (change,), (problem,) if problem else ())


def _too_early(contract: Contract | None, today: date) -> str:
    todo = "say `status: deprecated` and an endOfSupport in slaProperties, and remove it after"
    if contract is None or not contract.is_deprecated:
        return f"it was not deprecated: {todo}"
    if contract.end_of_support is None:
        return f"it had no end of support: {todo}"
    if contract.end_of_support >= today:
        return f"it is to be served until {contract.end_of_support}: remove it after that day"
    return ""


def _changed(old: ContractSource, new: ContractSource, known: _Known, today: date) -> ContractDiff:
    versions = old.version, new.version
    if old.contract is None or new.contract is None:
        # What cannot be read cannot be compared: it is taken for the worst.
        broken = old if old.contract is None else new
        change = Change(
            f"it cannot be compared: {broken.error}",
            BOTH,
            is_old=old.contract is None,
            line=broken.error_line,
        )
        notes = new.contract.migration_notes if new.contract else {}
        problems = _unreadable(new) or find_problems(*versions, Step.MAJOR, notes)
        return ContractDiff(new.file, *versions, (change,), tuple(problems))
    changes = [
        replace(change, line=(old if change.is_old else new).line_of(change.path))
        for change in _changes(old, new, old.contract, new.contract, known, today)
    ]
    if new.contract.layer is Layer.GOLD and old.contract.layer is Layer.GOLD:
        # Nobody delivers a gold table: its model is the project's own.
        changes = [change.without(Party.PRODUCERS) for change in changes]
    step = max((change.step for change in changes), default=Step.NONE)
    problems = find_problems(*versions, step, new.contract.migration_notes)
    return ContractDiff(new.file, *versions, tuple(changes), tuple(problems))


def _changes(
    old: ContractSource,
    new: ContractSource,
    before: Contract,
    after: Contract,
    known: _Known,
    today: date,
) -> Iterator[Change]:
    renamed = find_renamed(before, after)
    yield from column_changes(before, after)
    yield from rule_changes(old, new, before, after, renamed)
    yield from relationship_changes((old, new), (before, after), known, renamed)
    yield from watch_changes(old.schema, new.schema, renamed)
    yield from delivery_changes(before, after)
    yield from server_changes(old, new, before, after)
    yield from level_changes(old, new, before, after, today)
    kept = {*_ways(before.columns)} & {*_ways(after.columns)}
    texts, others = dict(_texts(old.document, kept)), dict(_texts(new.document, kept))
    for path in [*texts, *(each for each in others if each not in texts)]:
        if texts.get(path) != others.get(path):
            what = f"{'.'.join(map(str, path))} is changed"
            # What tells readers that something goes is more than a text (SemVer, item 7).
            is_text = path != ("status",) and path[-1] != "deprecated"
            yield Change(what, is_text=is_text, path=path, is_old=path not in others)


def _ways(columns: Iterable[Column], path: EntryPath = ()) -> Iterator[EntryPath]:
    """List the ways from a schema to its columns and to all that they are made of."""
    for column in columns:
        way = (*path, "properties", column.name)
        yield way
        yield from _ways_within(column, way)


def _ways_within(column: Column, way: EntryPath) -> Iterator[EntryPath]:
    if column.logical_type == "array":
        # Its one part stands under `items` and has no name there.
        yield from _ways_within(column.parts[0], (*way, "items"))
    else:
        yield from _ways(column.parts, way)


def _texts(node: object, kept: Set[EntryPath], path: EntryPath = ()) -> Iterator[_Leaf]:
    """List (path, text) of all that the other comparisons leave out.

    Columns and parts that are gone or new are none of ``kept``: they are a change of their own.
    """
    if isinstance(node, Mapping):
        for key, value in node.items():
            is_of_table = len(path) == len(SCHEMA) and key in _FOR_PEOPLE_OF_TABLE
            if key not in _COMPARED or is_of_table:
                yield from _texts(value, kept, (*path, key))
    elif isinstance(node, list):
        for position, each in enumerate(node):
            name = _entry_name(each, position)
            is_kept = path[-1:] != ("properties",) or (*path[2:], name) in kept
            if is_kept and not (_is_platform_read(path) and name in _COMPARED_PROPERTIES):
                yield from _texts(each, kept, (*path, name))
    else:
        yield path, repr(node)


def _is_platform_read(path: EntryPath) -> bool:
    """Tell whether a list holds custom properties of the contract, its table or a column."""
    return path[-1:] == ("customProperties",) and path[0] in ("schema", "customProperties")


def _entry_name(entry: object, position: int) -> str | int:
    if isinstance(entry, Mapping):
        for key in ("name", "property", "server", "username", "url"):
            if entry.get(key):
                return str(entry[key])
    return position
