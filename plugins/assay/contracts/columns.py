"""From a schema's ``properties`` to a table's columns."""

from __future__ import annotations

from collections.abc import Sequence

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from assay.contracts.custom_properties import known_properties, require_identifier
from assay.contracts.nested import column_type, is_nested, read_parts
from assay.contracts.place import Place
from assay.domain import Column
from assay.errors import ContractError


def read_columns(entity: SchemaObject, place: Place) -> tuple[Column, ...]:
    """Read the columns of a table, in order. ``place`` is the schema's.

    Raises:
        ContractError: there is none, a name or physicalName stands twice, a column's name or type
            cannot be compiled, or the key is not numbered from 1.
    """
    properties = entity.properties or []
    columns = tuple(
        _column(each, place.at("properties", position)) for position, each in enumerate(properties)
    )
    _require_own_names(columns, place)
    if not columns:
        raise ContractError(
            "no columns",
            where=place.at("properties"),
            todo="list each column once under the schema's properties",
        )
    _require_key_positions(properties, place)
    return columns


def _require_own_names(columns: Sequence[Column], place: Place) -> None:
    # A header's letter case does not tell columns apart.
    delivered = [column.physical_name.casefold() for column in columns]
    names = [column.name for column in columns]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ContractError(
                f"columns named twice: {name}",
                where=place.at("properties", position),
                todo="list each column once under the schema's properties",
            )
        if delivered[position] in delivered[:position]:
            other = names[delivered.index(delivered[position])]
            raise ContractError(
                f"the columns '{other}' and '{name}' are delivered under one name:"
                f" '{columns[position].physical_name}' (letter case does not tell columns apart)",
                where=place.at("properties", position),
                todo="give each a physicalName of its own; another form of the same value is for a"
                " gold model to make",
            )


def _column(odcs: SchemaProperty, place: Place) -> Column:
    name = odcs.name or ""
    todo = "give the source's own name as physicalName"
    require_identifier(name, "a column", place.at("name"), todo)
    custom = known_properties(odcs.customProperties, {"personalData"}, f"column '{name}'", place)
    is_personal = custom.get("personalData", False)
    if not isinstance(is_personal, bool):
        raise ContractError(
            f"personalData of column '{name}' is {is_personal!r}: expected true or false",
            where=place.at("customProperties", "personalData", "value"),
        )
    parts = read_parts(odcs, place)
    _require_plain_key(odcs, place)
    position = odcs.primaryKeyPosition
    return Column(
        name=name,
        physical_name=odcs.physicalName or name,
        data_type=column_type(odcs, parts, place),
        logical_type=odcs.logicalType or "string",
        description=(odcs.description or "").strip(),
        required=bool(odcs.required) or bool(odcs.primaryKey),
        unique=bool(odcs.unique),
        key_position=(position if position and position > 0 else 1) if odcs.primaryKey else None,
        classification=odcs.classification or "",
        personal_data=is_personal,
        id=odcs.id or "",
        parts=parts,
    )


def _require_plain_key(odcs: SchemaProperty, place: Place) -> None:
    for said in ("primaryKey", "unique"):
        if is_nested(odcs) and getattr(odcs, said):
            raise ContractError(
                f"column '{odcs.name}', an {odcs.logicalType}, has {said}",
                where=place.at(said),
                todo="objects and arrays are no keys: bring the value to a column of its own",
            )


def _require_key_positions(properties: Sequence[SchemaProperty], place: Place) -> None:
    for number, each in enumerate(properties):
        if not each.primaryKey and each.primaryKeyPosition not in (None, -1):
            raise ContractError(
                f"primaryKeyPosition without primaryKey: {each.name} {each.primaryKeyPosition}",
                where=place.at("properties", number, "primaryKeyPosition"),
                todo=_NUMBERED,
            )
    keyed = {number: each for number, each in enumerate(properties) if each.primaryKey}
    positions = [each.primaryKeyPosition for each in keyed.values()]
    numbers = sorted(-1 if position is None else position for position in positions)
    if numbers not in ([], [-1], list(range(1, len(keyed) + 1))):
        found = ", ".join(f"{each.name} {each.primaryKeyPosition}" for each in keyed.values())
        raise ContractError(
            f"the key's columns have the primaryKeyPosition {found}:"
            f" expected each of 1 to {len(keyed)} once",
            where=place.at("properties", _first_wrong(keyed), "primaryKeyPosition"),
            todo=_NUMBERED,
        )


def _first_wrong(keyed: dict[int, SchemaProperty]) -> int:
    """Find the first key column whose position is missing, taken or out of range."""
    taken: set[int] = set()
    for number, each in keyed.items():
        position = each.primaryKeyPosition or 0
        if position in taken or not 0 < position <= len(keyed):
            return number
        taken.add(position)
    return min(keyed)


_NUMBERED = "mark each key column with `primaryKey: true` and number them from 1"
