"""From a contract's types to the types that DuckDB and Delta hold."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

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
    "int2": "smallint",
    "integer": "integer",
    "int": "integer",
    "int4": "integer",
    "bigint": "bigint",
    "int8": "bigint",
    "float": "float",
    "real": "float",
    "float4": "float",
    "double": "double",
    "double precision": "double",
    "float8": "double",
    "boolean": "boolean",
    "bool": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp without time zone": "timestamp",
    "datetime": "timestamp",
    "timestamptz": "timestamp with time zone",
    "timestamp with time zone": "timestamp with time zone",
}
_DECIMAL = re.compile(r"(?:decimal|numeric) ?\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_BOUNDED_TEXT = re.compile(r"(?:varchar|char|character varying|character) ?\(\s*(\d+)\s*\)")
WHOLE_NUMBERS = {"tinyint", "smallint", "integer", "bigint"}
_FAMILIES = {
    "integer": WHOLE_NUMBERS,
    "number": {"float", "double", "decimal", *WHOLE_NUMBERS},
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
    physical = _plain(column.physicalType)
    decimal = _DECIMAL.fullmatch(physical)
    whole, behind = (int(decimal[1]), int(decimal[2] or 0)) if decimal else (0, 0)
    if 0 < whole <= 38 and behind <= whole:
        chosen, family = f"decimal({whole}, {behind})", "decimal"
    elif _BOUNDED_TEXT.fullmatch(physical):
        chosen = family = "varchar"
    elif physical in _BY_PHYSICAL_TYPE:
        chosen = family = _BY_PHYSICAL_TYPE[physical]
    else:
        raise ContractError(
            f"column '{column.name}' has the physicalType '{column.physicalType}'",
            where=place.at("physicalType"),
            todo=f"use one of {', '.join(sorted(_BY_PHYSICAL_TYPE))}, varchar(n),"
            " decimal(p, s), or leave it out: the logicalType then decides",
        )
    if family not in _FAMILIES[logical]:
        raise ContractError(
            f"column '{column.name}' is {logical} by its logicalType"
            f" but {chosen} by its physicalType",
            where=place.at("physicalType"),
            todo="make the two agree, or leave physicalType out",
        )
    return chosen


def stated_options(
    options: Mapping[str, Any] | None, physical_type: str | None
) -> Mapping[str, Any]:
    """Return a property's options, with the length that its physicalType says beside them.

    Of a maxLength and a ``varchar(n)`` the shorter one counts.
    """
    stated = dict(options or {})
    bounded = _BOUNDED_TEXT.fullmatch(_plain(physical_type or ""))
    if bounded and int(bounded[1]) < stated.get("maxLength", math.inf):
        stated["maxLength"] = int(bounded[1])
    return stated


def _plain(physical_type: str) -> str:
    return " ".join(physical_type.lower().split())
