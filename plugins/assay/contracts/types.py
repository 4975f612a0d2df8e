"""From a contract's types to the types that DuckDB and Delta hold."""

from __future__ import annotations

import re

from open_data_contract_standard.model import SchemaProperty

from assay.contracts.place import Place
from assay.errors import ContractError

_BY_LOGICAL_TYPE = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp with time zone",
}
_BY_PHYSICAL_TYPE = {
    "varchar": "varchar",
    "text": "varchar",
    "string": "varchar",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "integer": "integer",
    "int": "integer",
    "bigint": "bigint",
    "float": "float",
    "real": "float",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamp with time zone",
    "timestamp with time zone": "timestamp with time zone",
}
_DECIMAL = re.compile(r"^(?:decimal|numeric)\((\d+),\s*(\d+)\)$")
_FAMILIES = {
    "integer": {"tinyint", "smallint", "integer", "bigint"},
    "number": {"float", "double", "decimal", "tinyint", "smallint", "integer", "bigint"},
    "string": {"varchar"},
    "boolean": {"boolean"},
    "date": {"date", "timestamp", "timestamp with time zone"},
    "timestamp": {"timestamp", "timestamp with time zone"},
}


def data_type(column: SchemaProperty, place: Place) -> str:
    """Choose the DuckDB type of a column: its physicalType where given, else by logicalType.

    Raises:
        ContractError: the type is unknown, or the two contradict each other.
    """
    logical = column.logicalType or "string"
    if logical not in _BY_LOGICAL_TYPE:
        raise ContractError(
            f"column '{column.name}' has the logicalType '{logical}'",
            where=place.at("logicalType"),
            todo=f"use one of {', '.join(_BY_LOGICAL_TYPE)}, object or array",
        )
    if not column.physicalType:
        return _BY_LOGICAL_TYPE[logical]
    physical = column.physicalType.strip().lower()
    decimal = _DECIMAL.match(physical)
    if decimal and 0 < int(decimal[1]) <= 38 and int(decimal[2]) <= int(decimal[1]):
        chosen, family = f"decimal({int(decimal[1])}, {int(decimal[2])})", "decimal"
    elif physical in _BY_PHYSICAL_TYPE:
        chosen = family = _BY_PHYSICAL_TYPE[physical]
    else:
        raise ContractError(
            f"column '{column.name}' has the physicalType '{column.physicalType}'",
            where=place.at("physicalType"),
            todo=f"use one of {', '.join(sorted(_BY_PHYSICAL_TYPE))}, decimal(p, s),"
            " or leave it out: the logicalType then decides",
        )
    if family not in _FAMILIES[logical]:
        raise ContractError(
            f"column '{column.name}' is {logical} by its logicalType"
            f" but {chosen} by its physicalType",
            where=place.at("physicalType"),
            todo="make the two agree, or leave physicalType out",
        )
    return chosen
