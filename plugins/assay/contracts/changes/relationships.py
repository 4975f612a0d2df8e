"""Changes of a contract's foreign keys: where each starts and leads makes it the same one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.contracts.changes.change import SCHEMA, Change, Direction, EntryPath
from assay.contracts.changes.rule import Document, Identity, Rule, compare_rules
from assay.contracts.changes.source import ContractSource
from assay.contracts.references import split_reference
from assay.domain import Contract, Reference

# Where it starts and leads is its identity; its name is compared by itself.
_APART = ("from", "to", "id")
_Written = tuple[Document, EntryPath]


def relationship_changes(
    old: ContractSource,
    new: ContractSource,
    before: Contract,
    after: Contract,
    renamed: Mapping[str, str],
) -> Iterator[Change]:
    """List the changes of foreign keys. ``renamed`` pairs the old with the new names of columns.

    Those of columns that are gone or new alone are part of that change and not listed.
    """
    kept = {renamed.get(each.name, each.name) for each in before.columns}
    kept &= {each.name for each in after.columns}
    yield from compare_rules(
        dict(_relationships(old, before, renamed, kept)),
        dict(_relationships(new, after, {}, kept)),
    )


def _relationships(
    source: ContractSource, contract: Contract, renamed: Mapping[str, str], kept: set[str]
) -> Iterator[tuple[Identity, Rule]]:
    for reference, written in zip(contract.references, _written(source.schema), strict=True):
        columns = [renamed.get(name, name) for name in reference.columns]
        if kept.intersection(columns):
            title = f"the relationship of '{', '.join(columns)}' to {', '.join(reference.to)}"
            ends = [_target(each, reference, contract, renamed) for each in reference.to]
            # Which pairs of columns it has makes it the same one, in whatever order and notation.
            pairs = sorted(zip(columns, ends, strict=True))
            identity = ", ".join(one for one, _ in pairs), ", ".join(end for _, end in pairs)
            yield identity, _rule(title, reference, *written)


def _target(text: str, reference: Reference, contract: Contract, renamed: Mapping[str, str]) -> str:
    """Write a column that a relationship leads to as ``table.column``, whatever its notation."""
    _, (table, column), is_by_id = split_reference(text, reference.where)
    if table != ((contract.schema_id or contract.table) if is_by_id else contract.table):
        return f"{table}.{column}"
    ids = {each.id or each.name: each.name for each in contract.columns}
    name = ids.get(column, column) if is_by_id else column
    return f"{contract.table}.{renamed.get(name, name)}"


def _rule(title: str, reference: Reference, entry: Document, path: EntryPath) -> Rule:
    content = {key: value for key, value in entry.items() if key not in _APART}
    name = str(entry.get("id") or "")
    return Rule(title, reference.severity, content, path, _direction, name=name)


def _direction(old: Document, new: Document) -> Direction:
    """All that a relationship says beside its columns are its texts and its severity."""
    return Direction.SAME


def _written(schema: Document) -> Iterator[_Written]:
    """List what stands in the file for each reference, in their order."""
    yield from _entries(schema, SCHEMA)
    for position, column in enumerate(schema.get("properties") or ()):
        yield from _entries(column, (*SCHEMA, "properties", position))


def _entries(owner: Document, path: EntryPath) -> Iterator[_Written]:
    for position, each in enumerate(owner.get("relationships") or ()):
        yield each, (*path, "relationships", position)
