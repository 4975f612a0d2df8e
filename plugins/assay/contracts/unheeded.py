"""Refuses what a schema says of its storage that this platform would not do.

What is written for people alone (names, tags, definitions) may stand; `For people` in the
reference of contracts lists it.
"""

from __future__ import annotations

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from assay.contracts.place import Place
from assay.errors import ContractError


def refuse_unheeded(entity: SchemaObject, place: Place) -> None:
    """Refuse a table's name, partitions or measures that would not be made as they are stated.

    Raises:
        ContractError: there is one; ``place`` is the schema's.
    """
    if entity.physicalName not in (None, entity.name):
        raise ContractError(
            f"the table's physicalName is '{entity.physicalName}': expected '{entity.name}'",
            where=place.at("physicalName"),
            todo="leave it out: in the lake a table has its contract's name; which relation is"
            " delivered the server's custom property `table` says",
        )
    for position, column in enumerate(entity.properties or ()):
        _refuse_of_column(column, place.at("properties", position))


def _refuse_of_column(column: SchemaProperty, place: Place) -> None:
    if column.partitioned or column.partitionKeyPosition not in (None, -1):
        raise ContractError(
            f"column '{column.name}' is partitioned, which a contract cannot ask for",
            where=place.at("partitioned" if column.partitioned else "partitionKeyPosition"),
            todo="leave it out; a gold model may say `partition_by` in its own config",
        )
    if column.semanticType == "measure":
        raise ContractError(
            f"column '{column.name}' is a measure: no column of the table",
            where=place.at("semanticType"),
            todo="keep the measure where it is computed; list the columns that the table has",
        )
    for position, part in enumerate(column.properties or ()):
        _refuse_of_column(part, place.at("properties", position))
    if column.items:
        _refuse_of_column(column.items, place.at("items"))
