"""Until when a contract's table is served, and how its users move on.

Source: Open Data Contract Standard v3.1, "Service-Level Agreement (SLA)".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from open_data_contract_standard.model import OpenDataContractStandard

from assay.contracts.custom_properties import known_properties
from assay.contracts.level_names import level_name
from assay.contracts.place import Place
from assay.errors import ContractError

_END_OF_SUPPORT = "endofsupport"


def is_end_of_support(name: str) -> bool:
    """Tell whether a service level is the day until which the table is served."""
    return level_name(name) == _END_OF_SUPPORT


def read_end_of_support(odcs: OpenDataContractStandard, place: Place) -> date | None:
    """Return the last day on which a table is served; None where no end is stated.

    Raises:
        ContractError: it is stated twice, is no day, or has custom properties, which would mean
            nothing.
    """
    stated = [
        (each, place.at("slaProperties", position))
        for position, each in enumerate(odcs.slaProperties or ())
        if is_end_of_support(each.property or "")
    ]
    if not stated:
        return None
    if len(stated) > 1:
        raise ContractError(
            "endOfSupport stands twice in slaProperties", where=stated[1][1], todo="state one day"
        )
    level, where = stated[0]
    known_properties(level.customProperties, (), "endOfSupport", where)
    value = level.value
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ContractError(
            f"endOfSupport is {value!r}: expected a day such as 2027-03-31",
            where=where.at("value"),
            todo="write the last day on which the table is served",
        ) from error
    return (at.astimezone(UTC) if at.tzinfo else at).date()


def read_migration_notes(odcs: OpenDataContractStandard, place: Place) -> dict[str, str]:
    """Return what users of an earlier major version have to do, by the version that asks it.

    Raises:
        ContractError: the contract's custom property migrationNotes is no mapping of versions
            to texts.
    """
    values = [e.value for e in odcs.customProperties or () if e.property == "migrationNotes"]
    for value in values:
        if not isinstance(value, dict) or not _are_texts([*value, *value.values()]):
            raise ContractError(
                f"migrationNotes is {value!r}: expected a mapping of versions to texts",
                where=place.at("customProperties", "migrationNotes", "value"),
                todo='write it as in {property: migrationNotes, value: {"2.0.0": "what to do"}}',
            )
    return {version: text for value in values for version, text in value.items()}


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(each, str) and each.strip() for each in values)
