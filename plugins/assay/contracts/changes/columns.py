"""Changes of a contract's columns: which there are, and what each may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assay.contracts.changes.change import (
    BOTH,
    SCHEMA,
    Change,
    Direction,
    EntryPath,
    Party,
    whom_breaks,
)
from assay.contracts.changes.type_widening import holds_all
from assay.domain import Column, Contract, Layer

_COLUMNS: EntryPath = (*SCHEMA, "properties")


def column_changes(old: Contract, new: Contract) -> list[Change]:
    """List the changes of columns: added, removed, renamed, and of what each says."""
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    renamed = find_renamed(old, new)
    changes = [_renamed(before[one], after[other]) for one, other in renamed.items()]
    changes += [
        Change(f"column '{name}' is removed", (Party.CONSUMERS,), path=_path(name), is_old=True)
        for name in before
        if name not in after and name not in renamed
    ]
    is_landed = new.layer is not Layer.GOLD
    consequence = ": a delivery without it is refused" if is_landed else ""
    changes += [
        Change(
            f"column '{name}' is added{consequence}",
            (Party.PRODUCERS,),
            path=_path(name),
        )
        for name in after
        if name not in before and name not in renamed.values()
    ]
    for name, column in before.items():
        other = after.get(renamed.get(name, name))
        if other is not None:
            changes += _changes_of(column, other)
            changes += _unique_changes(column, other, (old.key, new.key))
    if _is_reordered([renamed.get(name, name) for name in before], list(after)):
        changes.append(Change("the columns stand in another order", path=_COLUMNS))
    return changes + _key_changes(old, new, renamed)


def find_renamed(old: Contract, new: Contract) -> dict[str, str]:
    """Pair columns that are gone with new ones that are the same in all but their name.

    They are where both are read from one column of the delivery, or where both have one type
    and stand at one place.
    """
    gone = [each for each in enumerate(old.columns) if each[1].name not in _names(new)]
    fresh = [each for each in enumerate(new.columns) if each[1].name not in _names(old)]
    renamed: dict[str, str] = {}
    for is_same in (_has_one_source, _has_one_place):
        for one in gone:
            for other in fresh:
                is_free = one[1].name not in renamed and other[1].name not in renamed.values()
                if is_free and is_same(one, other):
                    renamed[one[1].name] = other[1].name
    return renamed


def _names(contract: Contract) -> set[str]:
    return {column.name for column in contract.columns}


def _has_one_source(one: tuple[int, Column], other: tuple[int, Column]) -> bool:
    return one[1].physical_name == other[1].physical_name


def _has_one_place(one: tuple[int, Column], other: tuple[int, Column]) -> bool:
    return one[0] == other[0] and one[1].data_type == other[1].data_type


def _renamed(old: Column, new: Column) -> Change:
    is_read_alike = old.physical_name == new.physical_name
    return Change(
        f"column '{old.name}' is renamed to '{new.name}'",
        (Party.CONSUMERS,) if is_read_alike else BOTH,
        path=_path(new.name),
    )


def _changes_of(old: Column, new: Column) -> list[Change]:
    name, path = f"column '{new.name}'", _path(new.name)
    changes = [
        # A part that is gone stands in the old file, under the column's old name.
        replace(each, path=_path(old.name) + each.path[len(path) :]) if each.is_old else each
        for each in _value_changes(name, old, new, path)
    ]
    if old.physical_name != new.physical_name and old.name == new.name:
        changes.append(
            Change(
                f"{name} is read from '{new.physical_name}', before it was '{old.physical_name}'",
                (Party.PRODUCERS,),
                path=_path(new.name, "physicalName"),
            )
        )
    if old.required != new.required:
        changes.append(_demand(name, "required", new.required, path))
    return changes + _protection_changes(name, old, new)


def _unique_changes(
    old: Column, new: Column, keys: tuple[tuple[str, ...], tuple[str, ...]]
) -> list[Change]:
    if old.unique == new.unique:
        return []
    change = _demand(f"column '{new.name}'", "unique", new.unique, _path(new.name))
    # Where it alone is the key in both versions, no value of it may stand twice anyway.
    return [replace(change, breaks=()) if keys == ((old.name,), (new.name,)) else change]


def _demand(name: str, what: str, is_made: bool, path: EntryPath) -> Change:
    """Make the change of a demand on each value, which is made now or no longer."""
    way = Direction.TIGHTER if is_made else Direction.LOOSER
    text = f"{name} is {'' if is_made else 'no longer '}{what}"
    return Change(text, whom_breaks(way), path=(*path, what))


def _value_changes(name: str, old: Column, new: Column, path: EntryPath) -> list[Change]:
    """Compare what a column may hold: of an object or an array part by part."""
    if not (old.parts and new.parts and old.logical_type == new.logical_type):
        if old.data_type != new.data_type:
            return [_type_change(name, old.data_type, new.data_type, path)]
        is_same = old.logical_type == new.logical_type
        what = f"{name}: its logicalType is {new.logical_type}, before it was {old.logical_type}"
        return [] if is_same else [Change(what, is_text=True, path=(*path, "logicalType"))]
    before = {part.name: part for part in old.parts}
    changes = [
        Change(
            f"{name}: its part '{each}' is removed",
            BOTH,
            path=(*path, "properties", each),
            is_old=True,
        )
        for each in before
        if each not in {part.name for part in new.parts}
    ]
    for part in new.parts:
        inner = (
            (*path, "items") if new.logical_type == "array" else (*path, "properties", part.name)
        )
        title = f"{name}: its part '{part.name}'"
        if part.name in before:
            changes += _part_changes(title, before[part.name], part, inner)
        else:
            what = f"{title} is added{', and required' if part.required else ''}"
            broken = whom_breaks(Direction.TIGHTER) if part.required else ()
            changes.append(Change(what, broken, path=inner))
    if _is_reordered(before, [part.name for part in new.parts]):
        changes.append(
            Change(f"{name}: its parts stand in another order", path=(*path, "properties"))
        )
    return changes


def _is_reordered(old: Iterable[str], new: Sequence[str]) -> bool:
    kept = [name for name in old if name in new]
    return kept != [name for name in new if name in kept]


def _part_changes(name: str, old: Column, new: Column, path: EntryPath) -> list[Change]:
    changes = _value_changes(name, old, new, path)
    if old.physical_name != new.physical_name:
        what = f"{name} is read from '{new.physical_name}', before it was '{old.physical_name}'"
        changes.append(Change(what, (Party.PRODUCERS,), path=(*path, "physicalName")))
    if old.required != new.required:
        changes.append(_demand(name, "required", new.required, path))
    return changes


def _type_change(name: str, old: str, new: str, path: EntryPath) -> Change:
    # Every day can be written as a text, but who reads texts cannot read days.
    is_wider, is_narrower = holds_all(old, new), holds_all(new, old) and old != "varchar"
    way = Direction.LOOSER if is_wider else Direction.TIGHTER if is_narrower else Direction.OTHER
    word = {Direction.LOOSER: "widened", Direction.TIGHTER: "narrowed"}.get(way, "changed")
    what = f"{name}: its type is {word} from {old} to {new}"
    return Change(what, whom_breaks(way), path=(*path, "physicalType"))


def _protection_changes(name: str, old: Column, new: Column) -> list[Change]:
    changes = []
    if old.classification != new.classification:
        changes.append(
            Change(
                f"{name}: its classification is {new.classification or 'none'},"
                f" before it was {old.classification or 'none'}",
                (Party.CONSUMERS,),
                path=_path(new.name, "classification"),
            )
        )
    if old.personal_data != new.personal_data:
        what = "is personal data now" if new.personal_data else "is no longer personal data"
        broken = (Party.CONSUMERS,) if new.personal_data else ()
        path = _path(new.name, "customProperties", "personalData")
        changes.append(Change(f"{name} {what}", broken, path=path))
    return changes


def _key_changes(old: Contract, new: Contract, renamed: Mapping[str, str]) -> list[Change]:
    before = tuple(renamed.get(name, name) for name in old.key)
    if before == new.key:
        return []
    what = f"the primary key is ({', '.join(new.key)}), before it was ({', '.join(old.key)})"
    # Of a key that is gone nothing stands in the new file.
    path = _path((new.key or old.key)[0], "primaryKey")
    if not old.key:
        return [Change(what, (Party.PRODUCERS,), path=path)]
    if not new.key:
        return [Change(what, (Party.CONSUMERS,), path=path, is_old=True)]
    return [Change(what, () if set(before) == set(new.key) else BOTH, path=path)]


def _path(column: str, *keys: str) -> EntryPath:
    return (*_COLUMNS, column, *keys)
