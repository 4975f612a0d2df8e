"""Compares a project's contracts at two moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assay.contracts.changes.change import BOTH, Change, Party, Step
from assay.contracts.changes.columns import column_changes, find_renamed
from assay.contracts.changes.delivery import delivery_changes
from assay.contracts.changes.rules import rule_changes
from assay.contracts.changes.versions import demanded_version, find_problems
from assay.contracts.document import load_document
from assay.contracts.reader import read_contract_text
from assay.domain import Contract, Layer
from assay.errors import ContractError

_Leaf = tuple[str, str]
# What the comparisons of columns, rules and delivery speak of; all else of a document is text.
_COMPARED = {
    "logicalType", "physicalType", "physicalName", "required", "unique", "primaryKey",
    "primaryKeyPosition", "classification", "logicalTypeOptions", "enum", "quality",
    "relationships", "servers", "slaProperties", "version",
}  # fmt: skip
_COMPARED_PROPERTIES = {
    "layer", "deliveryMode", "orderingColumn", "sourceSystem", "nullTexts", "finalLineBreak",
    "maxQuarantinedShare", "personalData", "migrationNotes",
}  # fmt: skip


@dataclass(frozen=True)
class ContractSource:
    """One contract file as it was: what it means and what it says, or why it cannot be read."""

    file: str
    contract: Contract | None
    document: Mapping[str, Any]
    error: str = ""


def read_source(file: Path, content: bytes) -> ContractSource:
    """Read one contract file's text as far as it can be read."""
    name = "/".join(file.parts[-3:])
    document: dict[str, Any] = {}
    try:
        document, _ = load_document(content, name)
        return ContractSource(name, read_contract_text(file, content), document)
    except ContractError as error:
        return ContractSource(name, None, document, error.what)


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
        today: a deprecated contract may be removed once its end of support has passed.
    """
    before = {source.file: source for source in old}
    after = {source.file: source for source in new}
    diffs = []
    for file in sorted({*before, *after}):
        one, other = before.get(file), after.get(file)
        if one is None and other is not None:
            diffs.append(_added(other))
        elif one is not None and other is None:
            diffs.append(_removed(one, today))
        elif one is not None and other is not None and one.document != other.document:
            diffs.append(_changed(one, other))
    return tuple(diffs)


def _added(source: ContractSource) -> ContractDiff:
    version = _version(source)
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
    return ContractDiff(source.file, _version(source), "", (change,), (problem,) if problem else ())


def _too_early(contract: Contract | None, today: date) -> str:
    todo = "say `status: deprecated` and an endOfSupport in slaProperties, and remove it after"
    if contract is None or not contract.is_deprecated:
        return f"it was not deprecated: {todo}"
    if contract.end_of_support is None:
        return f"it had no end of support: {todo}"
    if contract.end_of_support >= today:
        return f"it is to be served until {contract.end_of_support}: remove it after that day"
    return ""


def _changed(old: ContractSource, new: ContractSource) -> ContractDiff:
    versions = _version(old), _version(new)
    if old.contract is None or new.contract is None:
        # What cannot be read cannot be compared: it is taken for the worst.
        broken = old if old.contract is None else new
        change = Change(f"it cannot be compared: {broken.error}", BOTH)
        notes = new.contract.migration_notes if new.contract else {}
        problems = _unreadable(new) or find_problems(*versions, Step.MAJOR, notes)
        return ContractDiff(new.file, *versions, (change,), tuple(problems))
    changes = list(_changes(old, new, old.contract, new.contract))
    if new.contract.layer is Layer.GOLD and old.contract.layer is Layer.GOLD:
        # Nobody delivers a gold table: its model is the project's own.
        changes = [change.without(Party.PRODUCERS) for change in changes]
    step = max((change.step for change in changes), default=Step.NONE)
    problems = find_problems(*versions, step, new.contract.migration_notes)
    return ContractDiff(new.file, *versions, tuple(changes), tuple(problems))


def _changes(
    old: ContractSource, new: ContractSource, before: Contract, after: Contract
) -> Iterator[Change]:
    yield from column_changes(before, after)
    yield from rule_changes(
        _schema(old.document), _schema(new.document), find_renamed(before, after)
    )
    yield from delivery_changes(before, after)
    names = {column.name for column in before.columns} & {column.name for column in after.columns}
    leaves = dict(_texts(old.document, names)), dict(_texts(new.document, names))
    for place in [*leaves[0], *(each for each in leaves[1] if each not in leaves[0])]:
        if leaves[0].get(place) != leaves[1].get(place):
            yield Change(f"{place} is changed", is_text=True)


def _schema(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (document.get("schema") or [{}])[0]
    return found


def _version(source: ContractSource) -> str:
    return str(source.document.get("version") or "")


def _texts(node: object, columns: set[str], place: str = "") -> Iterator[_Leaf]:
    """List (place, text) of all that the other comparisons leave out."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key not in _COMPARED:
                yield from _texts(value, columns, f"{place}.{key}".lstrip("."))
    elif isinstance(node, list):
        for position, each in enumerate(node):
            name = _entry_name(each, position)
            is_kept = name in columns or not place.endswith(".properties")
            if is_kept and name not in _COMPARED_PROPERTIES:
                yield from _texts(each, columns, f"{place}.{name}")
    else:
        yield place, repr(node)


def _entry_name(entry: object, position: int) -> str:
    if isinstance(entry, Mapping):
        for key in ("name", "property", "server", "username", "url"):
            if entry.get(key):
                return str(entry[key])
    return str(position)
