"""What a contract says in ``customProperties``, which the standard leaves to each platform."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from open_data_contract_standard.model import CustomProperty

from assay.contracts.place import Place
from assay.domain import DeliveryMode, Layer, Severity
from assay.errors import ContractError

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_LANDED_ONLY = {
    "deliveryMode",
    "orderingColumn",
    "sourceSystem",
    "nullTexts",
    "finalLineBreak",
    "maxQuarantinedShare",
}
_PROPERTIES = {"layer", "watch", *_LANDED_ONLY}


def read_schema_properties(
    properties: Iterable[CustomProperty] | None, place: Place
) -> dict[str, Any]:
    """Return a schema's custom properties by name.

    Raises:
        ContractError: one is unknown or given twice; so do the others here for what they read.
    """
    return known_properties(properties, _PROPERTIES, "the schema", place)


def known_properties(
    properties: Iterable[CustomProperty] | None, known: Collection[str], owner: str, place: Place
) -> dict[str, Any]:
    """Return the custom properties of a schema, a column or a server, whose place it is."""
    found: dict[str, Any] = {}
    for position, each in enumerate(properties or ()):
        name = str(each.property)
        if name not in known or name in found:
            raise ContractError(
                f"custom property of {owner} given twice: {name}"
                if name in found
                else f"unknown custom property of {owner}: {name}",
                where=place.at("customProperties", position),
                todo=f"known are {', '.join(sorted(known)) or 'none'}, each once",
            )
        found[name] = each.value
    return found


def read_layer(custom: Mapping[str, Any], place: Place) -> Layer:
    """Read which layer a contract covers: gold, or silver with all that leads to it."""
    layer = custom.get("layer", "silver")
    if layer not in ("silver", "gold"):
        raise ContractError(
            f"layer is {layer!r}: expected gold, or none for what is landed",
            where=_value(place, "layer"),
            todo="a landed entity's contract covers its bronze, silver and quarantine tables",
        )
    stray = sorted(_LANDED_ONLY & set(custom)) if layer == "gold" else []
    if stray:
        raise ContractError(
            f"a gold table is not landed, but has {', '.join(stray)}",
            where=_value(place, stray[0]),
            todo="keep them in the contracts of what is landed",
        )
    return Layer(layer)


def read_source(custom: Mapping[str, Any], product: str, place: Place) -> str:
    """Read which system delivers; the product itself where it is not said."""
    source = custom.get("sourceSystem", product)
    require_identifier(source, "a sourceSystem", _value(place, "sourceSystem"))
    return str(source)


def read_null_texts(custom: Mapping[str, Any], place: Place) -> tuple[str, ...]:
    """Read the texts that stand for NULL; the empty one where none is said."""
    texts = custom.get("nullTexts", [""])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ContractError(
            f"nullTexts is {texts!r}: expected a list of texts",
            where=_value(place, "nullTexts"),
            todo='write it as in ["NA", ""], each in quotes',
        )
    return tuple(texts)


def read_final_line_break(custom: Mapping[str, Any], place: Place) -> str:
    """Read whether a delivery must end in a line break."""
    value = custom.get("finalLineBreak", "required")
    if value not in ("optional", "required"):
        raise ContractError(
            f"finalLineBreak is {value!r}: expected optional or required",
            where=_value(place, "finalLineBreak"),
        )
    return str(value)


def read_max_quarantined_share(custom: Mapping[str, Any], place: Place) -> float:
    """Read the most of a load that quarantine may take, 0 to 1."""
    share = custom.get("maxQuarantinedShare", 1.0)
    is_number = isinstance(share, int | float) and not isinstance(share, bool)
    if not is_number or not 0 <= share <= 1:
        raise ContractError(
            f"maxQuarantinedShare is {share!r}: expected a number from 0 to 1",
            where=_value(place, "maxQuarantinedShare"),
        )
    return float(share)


def read_text(custom: Mapping[str, Any], name: str, place: Place) -> str:
    """Read a custom property that is a text; empty where it is not said.

    ``place`` is that of the entry whose custom properties they are.
    """
    text = custom.get(name, "")
    if not isinstance(text, str):
        raise ContractError(
            f"{name} is {text!r}: expected a text",
            where=_value(place, name),
            todo="put it in quotes",
        )
    return text


def read_severity(value: object, default: Severity, place: Place) -> Severity:
    """Read the severity of what the standard gives none: ``default`` where nothing is said.

    Raises:
        ContractError: it is none. ``place`` is the value's.
    """
    if value is None:
        return default
    allowed = [each.value for each in Severity]
    if value not in allowed:
        raise ContractError(
            f"severity is {value!r}: expected one of {', '.join(allowed)}", where=place
        )
    return Severity(str(value))


def is_identifier(name: object) -> bool:
    """Tell whether a name can stand unquoted for a table, a column or a source."""
    return isinstance(name, str) and _IDENTIFIER.fullmatch(name) is not None


def require_identifier(name: object, what: str, place: Place, todo: str = "") -> None:
    """Refuse a name that could not stand unquoted."""
    if not is_identifier(name):
        raise ContractError(
            f"{name!r} cannot name {what}: expected lower-case letters, digits and underscores,"
            " starting with a letter",
            where=place,
            todo=todo,
        )


def read_delivery_mode(
    custom: Mapping[str, Any], layer: Layer, place: Place
) -> DeliveryMode | None:
    """Read what a delivery means for earlier rows; None for a gold table."""
    text = custom.get("deliveryMode")
    if layer is Layer.GOLD:
        return None
    if text not in [mode.value for mode in DeliveryMode]:
        raise ContractError(
            f"deliveryMode is {text!r}: expected append, upsert or snapshot",
            where=_value(place, "deliveryMode"),
            todo="add it to the schema's customProperties; a published gold table says "
            "`layer: gold` there instead",
        )
    return DeliveryMode(text)


def _value(place: Place, name: str) -> Place:
    """Where the value of a schema's custom property stands."""
    return place.at("customProperties", name, "value")
