"""A contract's service levels, and how an audit judges those that data can answer.

Source: Open Data Contract Standard v3.1, "Service-Level Agreement (SLA)". Its ``latency`` is
the age of the data; ``freshness``, ``volume`` and ``completeness`` are taken beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from open_data_contract_standard.model import ServiceLevelAgreementProperty

from assay.contracts.custom_properties import known_properties, read_severity
from assay.contracts.end_of_support import is_end_of_support
from assay.contracts.level_names import level_name, long_name
from assay.contracts.place import Place
from assay.domain import Column, Layer, ServiceLevel, Severity, Sla, SlaKind
from assay.errors import ContractError

_FREQUENCY = "frequency"
_KINDS = {
    "latency": SlaKind.FRESHNESS,
    "freshness": SlaKind.FRESHNESS,
    "volume": SlaKind.VOLUME,
    "completeness": SlaKind.COMPLETENESS,
    _FREQUENCY: SlaKind.FREQUENCY,
}
_OF_COLUMNS = (SlaKind.FRESHNESS, SlaKind.COMPLETENESS)
# The standard's own, which speak of people and of serving: nothing in a table answers them.
_FOR_PEOPLE = {
    "availability",
    "throughput",
    "errorrate",
    "generalavailability",
    "endoflife",
    "retention",
    "timeofavailability",
    "timetodetect",
    "timetonotify",
    "timetorepair",
}
_SECONDS = {
    "s": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
    "w": 604_800,
    "week": 604_800,
}
_INGESTED = "_ingested_at"


def read_service_levels(
    properties: Iterable[ServiceLevelAgreementProperty] | None,
    table: str,
    layer: Layer,
    columns: Mapping[str, Column],
    place: Place,
) -> tuple[ServiceLevel, ...]:
    """Read a contract's ``slaProperties`` as they stand, without its end of support.

    Raises:
        ContractError: a property is unknown, its value or unit cannot be understood, or it
            names no column of the table.
    """
    found: list[ServiceLevel] = []
    for position, written in enumerate(properties or ()):
        if is_end_of_support(written.property or ""):
            continue
        where = place.at("slaProperties", position)
        for each in _of_each_element(written):
            judged = _judge(each, table, layer, columns, where)
            if judged is not None:
                _require_distinct(judged, found, where)
            found.append(
                ServiceLevel(
                    name=long_name(each.property),
                    value=each.value,
                    unit=each.unit or "",
                    element=each.element or "",
                    description=(each.description or "").strip(),
                    upper=each.valueExt,
                    judged=judged,
                    position=position,
                )
            )
    return tuple(found)


def _of_each_element(
    sla: ServiceLevelAgreementProperty,
) -> list[ServiceLevelAgreementProperty]:
    """Part a level of several columns, which the standard separates by commas."""
    if _KINDS.get(level_name(sla.property)) not in _OF_COLUMNS:
        return [sla]
    elements = [each.strip() for each in (sla.element or "").split(",") if each.strip()]
    return [sla.model_copy(update={"element": each}) for each in elements or [""]]


def _judge(
    sla: ServiceLevelAgreementProperty,
    table: str,
    layer: Layer,
    columns: Mapping[str, Column],
    where: Place,
) -> Sla | None:
    name = level_name(sla.property)
    if name in _FOR_PEOPLE or (name == _FREQUENCY and not _is_judged(sla, layer)):
        known_properties(
            sla.customProperties, (), f"the service level '{sla.property}', for people", where
        )
        return None
    if name not in _KINDS:
        raise ContractError(
            f"the service level '{sla.property}' is not known",
            where=where.at("property"),
            todo=f"judged are {', '.join(_KINDS)}; the standard's others are for people",
        )
    return _read(sla, _KINDS[name], table, layer, columns, where)


def _read(
    sla: ServiceLevelAgreementProperty,
    kind: SlaKind,
    table: str,
    layer: Layer,
    columns: Mapping[str, Column],
    where: Place,
) -> Sla:
    severity = _severity(sla, where)
    if kind is SlaKind.FREQUENCY:
        # Its element and valueExt, as in the standard's example, say nothing of deliveries.
        return Sla(kind, _seconds(sla, where), severity=severity)
    column = _column(sla.element or "", table, columns, where)
    if kind is SlaKind.VOLUME:
        if column or (sla.unit or "rows").lower() not in ("rows", "row"):
            raise ContractError(
                "volume counts the rows of the table: it has no column, and rows as its unit",
                where=where,
            )
        least = _number(sla.value, "value", where)
        upper = None if sla.valueExt is None else _number(sla.valueExt, "valueExt", where)
        if upper is not None and upper < least:
            raise ContractError(
                f"volume is from {least:g} to {upper:g} rows: no table has so many",
                where=where.at("valueExt"),
                todo="the value is the least, valueExt the most",
            )
        return Sla(kind, least, upper=upper, severity=severity)
    if sla.valueExt is not None:
        raise ContractError(
            f"valueExt means nothing for {sla.property}", where=where.at("valueExt")
        )
    if kind is SlaKind.COMPLETENESS:
        return Sla(kind, _share(sla, column, where), column, severity=severity)
    return Sla(
        kind, _seconds(sla, where), _time_column(column, layer, columns, where), None, severity
    )


def _is_judged(frequency: ServiceLevelAgreementProperty, layer: Layer) -> bool:
    """Tell whether deliveries can be held to a frequency: the standard takes any text for it."""
    is_number = isinstance(frequency.value, int | float) and not isinstance(frequency.value, bool)
    return is_number and layer is not Layer.GOLD and _unit_seconds(frequency) is not None


def _unit_seconds(sla: ServiceLevelAgreementProperty) -> int | None:
    unit = (sla.unit or "").lower()
    return _SECONDS.get(unit) or _SECONDS.get(unit.removesuffix("s"))


def _seconds(sla: ServiceLevelAgreementProperty, where: Place) -> float:
    per_unit = _unit_seconds(sla)
    if per_unit is None:
        raise ContractError(
            f"{sla.property} has the unit {sla.unit!r}",
            where=where.at("unit"),
            todo=f"use one of {', '.join(_SECONDS)}",
        )
    return _number(sla.value, "value", where) * per_unit


def _share(sla: ServiceLevelAgreementProperty, column: str, where: Place) -> float:
    if not column:
        raise ContractError(
            "completeness needs an element: the column whose values are to be there", where=where
        )
    if (sla.unit or "").lower() not in ("percent", "%"):
        raise ContractError(
            f"completeness has the unit {sla.unit!r}: expected percent", where=where.at("unit")
        )
    percent = _number(sla.value, "value", where)
    if percent > 100:
        raise ContractError(
            f"completeness is {percent:g} percent: at most 100", where=where.at("value")
        )
    return percent / 100


def _time_column(column: str, layer: Layer, columns: Mapping[str, Column], where: Place) -> str:
    if column:
        kind = columns[column].data_type.lower()
        if columns[column].parts or not kind.startswith(("date", "timestamp")):
            raise ContractError(
                f"the freshness of '{column}' cannot be told: it is of type {kind}",
                where=where.at("element"),
                todo="name a column of dates or timestamps",
            )
        if columns[column].is_protected:
            raise ContractError(
                f"the freshness of '{column}' cannot be told: of personal or classified data no"
                " value is recorded",
                where=where,
            )
        return column
    if layer is Layer.GOLD:
        raise ContractError(
            "the freshness of a gold table needs an element",
            where=where,
            todo="name the column whose newest value tells how old the data is",
        )
    return _INGESTED


def _column(element: str, table: str, columns: Mapping[str, Column], where: Place) -> str:
    owner, _, name = element.rpartition(".")
    if element in ("", table):
        return ""
    if owner not in ("", table) or name not in columns:
        raise ContractError(
            f"the element '{element}' is no column of {table}",
            where=where.at("element"),
            todo=f"write it as {table}.<column>",
        )
    return name


def _number(value: object, what: str, where: Place) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if isinstance(value, bool) or not 0 <= number < float("inf"):
        raise ContractError(f"{what} is {value!r}: expected a number from 0", where=where.at(what))
    return number


def _severity(sla: ServiceLevelAgreementProperty, where: Place) -> Severity:
    custom = known_properties(
        sla.customProperties, {"severity"}, f"the service level '{sla.property}'", where
    )
    place = where.at("customProperties", "severity", "value")
    return read_severity(custom.get("severity"), Severity.WARNING, place)


def _require_distinct(sla: Sla, before: Iterable[ServiceLevel], where: Place) -> None:
    known = [each.judged for each in before if each.judged]
    if (sla.kind, sla.column) in [(each.kind, each.column) for each in known]:
        raise ContractError(
            f"service levels stated twice: {f'{sla.kind.value} {sla.column}'.strip()}",
            where=where,
            todo="state each once for a column",
        )
