"""Changes of a contract's foreign keys: where each starts and leads makes it the same one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from assay.contracts.changes.change import SCHEMA, Change, Direction, EntryPath
from assay.contracts.changes.rule import Document, Identity, Rule, compare_rules
from assay.contracts.changes.source import ContractSource
from assay.contracts.references import split_reference
from assay.domain import Contract, Reference

# Where it starts and leads is its identity; its name is compared by itself.
_APART = ("from", "to", "id")
_Written = tuple[Document, EntryPath]


def relationship_changes(
    sources: tuple[ContractSource, ContractSource],
    contracts: tuple[Contract, Contract],
    known: tuple[Sequence[Contract], Sequence[Contract]],
    renamed: Mapping[str, str],
) -> Iterator[Change]:
    """List the changes of foreign keys between the old and the new version.

    ``known`` are all contracts of both moments. ``renamed`` pairs the old with the new names of
    columns. Foreign keys of columns that are gone or new alone are part of that change and not
    listed.
    """
    before, after = contracts
    kept = {renamed.get(each.name, each.name) for each in before.columns}
    kept &= {each.name for each in after.columns}
    yield from compare_rules(
        dict(_relationships(sources[0], before, known[0], renamed, kept)),
        dict(_relationships(sources[1], after, known[1], {}, kept)),
    )


def _relationships(
    source: ContractSource,
    contract: Contract,
    known: Sequence[Contract],
    renamed: Mapping[str, str],
    kept: set[str],
) -> Iterator[tuple[Identity, Rule]]:
    for reference, written in zip(contract.references, _written(source.schema), strict=True):
        columns = [renamed.get(name, name) for name in reference.columns]
        if kept.intersection(columns):
            title = f"the relationship of '{', '.join(columns)}' to {', '.join(reference.to)}"
            ends = []
            for each in reference.to:
                table, column = _target(each, reference, contract, known)
                own = renamed.get(column, column) if table == contract.table else column
                ends.append(f"{table}.{own}")
            # Which pairs of columns it has makes it the same one, in whatever order and notation.
            pairs = sorted(zip(columns, ends, strict=True))
            identity = ", ".join(one for one, _ in pairs), ", ".join(end for _, end in pairs)
            yield identity, _rule(title, reference, *written)


def _target(
    text: str, reference: Reference, contract: Contract, known: Sequence[Contract]
) -> tuple[str, str]:
    """Name the table and the column that a relationship leads to, whatever its notation."""
    file, (table, column), is_by_id = split_reference(text, reference.where)
    product = PurePosixPath(file).parent.name or contract.product
    for other in known if is_by_id else ():
        if other.product == product and (other.schema_id or other.table) == table:
            ids = {each.id or each.name: each.name for each in other.columns}
            return other.table, ids.get(column, column)
    return table, column


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
