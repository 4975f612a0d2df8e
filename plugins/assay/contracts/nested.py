"""From ``logicalType: object`` and ``array`` to columns of structs and lists, to any depth.

Source: Open Data Contract Standard v3.1, "Schema", sections on ``properties`` and ``items``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from open_data_contract_standard.model import SchemaProperty

from assay.contracts.custom_properties import known_properties, require_identifier
from assay.contracts.place import Place
from assay.contracts.types import data_type
from assay.domain import Column
from assay.errors import ContractError

ITEMS = "items"
# What speaks of a whole column, or is checked over a whole table.
_OF_COLUMNS = (
    "primaryKey",
    "primaryKeyPosition",
    "unique",
    "quality",
    "classification",
    "relationships",
)


def is_nested(odcs: SchemaProperty) -> bool:
    """Tell whether a property is an object or an array."""
    return odcs.logicalType in ("object", "array")


def column_type(odcs: SchemaProperty, parts: Sequence[Column], place: Place) -> str:
    """Choose the DuckDB type of a property: of a nested one it follows from its parts.

    Raises:
        ContractError: the type is unknown, or is given twice.
    """
    if not is_nested(odcs):
        return data_type(odcs, place)
    if odcs.physicalType:
        raise ContractError(
            f"'{odcs.name or ITEMS}', an {odcs.logicalType}, has the physicalType"
            f" '{odcs.physicalType}'",
            where=place.at("physicalType"),
            todo="leave it out: the type follows from its properties or items",
        )
    if odcs.logicalType == "array":
        return f"{parts[0].data_type}[]"
    return "struct(" + ", ".join(f'"{part.name}" {part.data_type}' for part in parts) + ")"


def read_parts(odcs: SchemaProperty, place: Place) -> tuple[Column, ...]:
    """Read what a property is made of: an object's properties, an array's items, else nothing.

    Raises:
        ContractError: there is nothing, a name or key stands twice, or a part says what only a
            whole column can.
    """
    if odcs.logicalType == "array":
        if odcs.items is None:
            raise _without("items", odcs, place)
        if odcs.items.physicalName:
            raise ContractError(
                f"the items of '{odcs.name or ITEMS}' have the physicalName"
                f" '{odcs.items.physicalName}'",
                where=place.at("items", "physicalName"),
                todo="leave it out: an item of an array has no key",
            )
        return (_part(odcs.items, ITEMS, place.at("items")),)
    if odcs.logicalType != "object":
        return ()
    places = [place.at("properties", number) for number in range(len(odcs.properties or []))]
    parts = tuple(
        _part(each, each.name or "", where)
        for each, where in zip(odcs.properties or [], places, strict=True)
    )
    if not parts:
        raise _without("properties", odcs, place)
    for number, part in enumerate(parts):
        earlier = parts[:number]
        if any(part.name == e.name or part.physical_name == e.physical_name for e in earlier):
            raise ContractError(
                f"'{odcs.name}' has two properties named '{part.name}' or '{part.physical_name}'",
                where=places[number],
                todo="list each property once, each with a physicalName of its own",
            )
    return parts


def read_call(column: Column, text: str) -> str:
    """Write the call of the macro that reads a text as a nested column."""
    shape = json.dumps(_shape(column), ensure_ascii=False)
    return f"{{{{ read_nested('{text}', {shape}) }}}}"


def _shape(column: Column) -> dict[str, object]:
    if column.logical_type == "array":
        return {"item": _shape(column.parts[0])}
    if column.parts:
        fields = [
            {"name": part.name, "key": part.physical_name} | _shape(part) for part in column.parts
        ]
        return {"fields": fields}
    return {"type": column.data_type}


def _part(odcs: SchemaProperty, name: str, place: Place) -> Column:
    todo = "give the key in the JSON as physicalName"
    require_identifier(name, "a property", place.at("name"), todo)
    for said in _OF_COLUMNS:
        if getattr(odcs, said) not in (None, False, "", -1, []):
            raise ContractError(
                f"'{name}' is a part of a column and has {said}",
                where=place.at(said),
                todo="say it of the whole column; a rule over a part is a rule of the table with"
                " the engine assay",
            )
    known_properties(odcs.customProperties, (), f"'{name}', a part of a column", place)
    parts = read_parts(odcs, place)
    return Column(
        name=name,
        physical_name=odcs.physicalName or name,
        data_type=column_type(odcs, parts, place),
        logical_type=odcs.logicalType or "string",
        description=(odcs.description or "").strip(),
        required=bool(odcs.required),
        parts=parts,
    )


def _without(what: str, odcs: SchemaProperty, place: Place) -> ContractError:
    return ContractError(
        f"'{odcs.name or ITEMS}', an {odcs.logicalType}, has no {what}",
        where=place,
        todo=f"list its {what}: the column's type follows from them",
    )
