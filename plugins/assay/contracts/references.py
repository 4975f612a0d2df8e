"""Foreign keys as a contract writes them: ``relationships`` of the schema and of its columns.

Source: Open Data Contract Standard v3.1, "References", section "Relationships between
properties (Foreign Keys)".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from open_data_contract_standard.model import Relationship as OdcsRelationship
from open_data_contract_standard.model import SchemaObject

from assay.contracts.custom_properties import known_properties, read_severity, read_text
from assay.contracts.place import Place
from assay.domain import Reference, Severity
from assay.errors import ContractError

# The last two are for people.
_PROPERTIES = {"severity", "description", "cardinality", "label"}
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_FORMS = "<table>.<column>, or by ids [<file>#/]schema/<table>/properties/<column>"


def read_references(
    entity: SchemaObject, taken: Collection[str], place: Place
) -> tuple[Reference, ...]:
    """Read every relationship of a table; its own side is looked up, the other not yet.

    ``taken`` are the names of its rules, ``place`` is the schema's.

    Raises:
        ContractError: it starts at no column of this table, cannot be understood, is stated
            twice, or has the name of another check.
    """
    found: list[Reference] = []
    for position, each in enumerate(entity.relationships or ()):
        where = place.at("relationships", position)
        columns = tuple(_own_column(entity, text, where) for text in _listed(each.from_))
        found.append(_read(each, columns, where))
    for number, column in enumerate(entity.properties or ()):
        spot = place.at("properties", number)
        found += [
            _read(each, (column.name or "",), spot.at("relationships", position))
            for position, each in enumerate(column.relationships or ())
        ]
    _require_distinct(found, taken)
    return tuple(found)


def split_reference(text: str, where: str) -> tuple[str, tuple[str, ...], bool]:
    """Split a reference to a column: the file it names or "", the steps to it, whether by ids.

    The steps are the table and the column.

    Raises:
        ContractError: it names no column of a table.
    """
    file, _, path = text.rpartition("#")
    steps = path.strip("/").split("/")
    is_by_id = "/" in path
    if is_by_id:
        is_path = steps[0] == "schema" and steps[2::2] == ["properties"] * len(steps[2::2])
        names = tuple(steps[1::2]) if is_path and len(steps) % 2 == 0 else ()
    else:
        names = tuple(path.split("."))
    if len(names) != 2:
        is_nested = len(names) > 2
        raise ContractError(
            f"the reference '{text}' names a part of a column"
            if is_nested
            else f"the reference '{text}' names no column of a table",
            where=where,
            todo=f"write it as {_FORMS}" + ("; only whole columns can be keys" * is_nested),
        )
    return file, names, is_by_id


def _read(odcs: OdcsRelationship, columns: tuple[str, ...], where: Place) -> Reference:
    to = tuple(_listed(odcs.to))
    if len(to) != len(columns):
        raise ContractError(
            f"the relationship leads from {len(columns)} column(s) to {len(to)}",
            where=where,
            todo="name as many columns on both sides; several belong to the schema's own"
            " `relationships`",
        )
    named = f"the relationship of {', '.join(columns)}"
    custom = known_properties(odcs.customProperties, _PROPERTIES, named, where)
    table = split_reference(to[0], where)[1][0]
    if odcs.id and not _ID.fullmatch(odcs.id):
        raise ContractError(
            f"the id {odcs.id!r} cannot name a check: expected letters, digits, _ and -",
            where=where.at("id"),
        )
    return Reference(
        name=odcs.id or f"{'_'.join(columns)}_in_{table}",
        columns=columns,
        to=to,
        severity=read_severity(
            custom.get("severity"),
            Severity.CRITICAL,
            where.at("customProperties", "severity", "value"),
        ),
        description=read_text(custom, "description", where),
        where=where,
    )


def _own_column(entity: SchemaObject, text: str, where: Place) -> str:
    file, (table, column), is_by_id = split_reference(text, where)
    columns = {
        str((each.id or each.name) if is_by_id else each.name): str(each.name)
        for each in entity.properties or ()
    }
    is_here = table == ((entity.id or entity.name) if is_by_id else entity.name)
    if file or not is_here or column not in columns:
        raise ContractError(
            f"the relationship starts at '{text}', which is no column of {entity.name}",
            where=where,
            todo=f"`from` names columns of this table: {entity.name}.<column>",
        )
    return columns[column]


def _require_distinct(references: Iterable[Reference], taken: Collection[str]) -> None:
    names, ends = set(taken), set[tuple[tuple[str, ...], tuple[str, ...]]]()
    for each in references:
        if (each.columns, each.to) in ends:
            raise ContractError(
                f"the relationship of {', '.join(each.columns)} to {', '.join(each.to)} is stated"
                " twice",
                where=each.where,
                todo="state it once: one check has one severity",
            )
        ends.add((each.columns, each.to))
        if each.name in names:
            raise ContractError(
                f"a check named twice: {each.name}",
                where=each.where,
                todo="give the relationship an `id` of its own: it is the check's name",
            )
        names.add(each.name)


def _listed(value: str | Sequence[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
