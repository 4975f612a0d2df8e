"""Refuses what a contract says of storage and service that this platform would not do.

What is written for people alone (names, tags, definitions) may stand; `For people` in the
reference of contracts lists it.
"""

from __future__ import annotations

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty

from assay.contracts.custom_properties import known_properties
from assay.contracts.place import Place
from assay.errors import ContractError

_PROPERTIES = {"migrationNotes"}


def refuse_unheeded(odcs: OpenDataContractStandard, place: Place) -> None:
    """Refuse what would be stated in vain. ``place`` is the contract's, which has one schema.

    Raises:
        ContractError: there is something; names the first.
    """
    _refuse_of_table((odcs.schema_ or [])[0], place.at("schema", 0))
    known_properties(odcs.customProperties, _PROPERTIES, "the contract", place)
    if odcs.slaDefaultElement:
        raise ContractError(
            f"slaDefaultElement is '{odcs.slaDefaultElement}'",
            where=place.at("slaDefaultElement"),
            todo="the standard has deprecated it: name the element in each of slaProperties",
        )
    for position, level in enumerate(odcs.slaProperties or ()):
        for said in ("schedule", "scheduler"):
            if getattr(level, said):
                raise ContractError(
                    f"the service level '{level.property}' has a {said}",
                    where=place.at("slaProperties", position, said),
                    todo="leave it out: service levels are judged at each audit",
                )
    for position, server in enumerate(odcs.servers or ()):
        if (server.encoding or "utf-8").lower().replace("-", "") not in ("utf8", "ascii"):
            raise ContractError(
                f"server '{server.server}' has files in {server.encoding}: expected UTF-8",
                where=place.at("servers", position, "encoding"),
                todo="have them delivered in UTF-8",
            )


def _refuse_of_table(entity: SchemaObject, place: Place) -> None:
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
