"""Reads the custom property ``watch``: what is measured of a table day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from assay.contracts.custom_properties import read_severity
from assay.contracts.place import Place
from assay.domain import (
    Column,
    DayMeasureKind,
    DriftMethod,
    Season,
    Severity,
    Watch,
    WatchedMeasure,
)
from assay.errors import ContractError

_Choice = TypeVar("_Choice", bound=StrEnum)

_COLUMNLESS = (DayMeasureKind.ROWS,)
_WATCH_KEYS = ("day", "measures", "settleDays", "acceptedDays")
_MOST_SETTLE_DAYS = 366
_JUDGED_KEYS = ("season", "score", "factor")
_KEYS = {
    DayMeasureKind.ROWS: ("measure", "severity", "atLeast", *_JUDGED_KEYS),
    DayMeasureKind.NULL_SHARE: ("measure", "column", "severity", "atLeast", *_JUDGED_KEYS),
    DayMeasureKind.NEW_CATEGORIES: ("measure", "column", "severity", "atLeast"),
    DayMeasureKind.DRIFT: (
        *("measure", "column", "severity", "atLeast", "method", "reference"),
        *_JUDGED_KEYS,
    ),
}


def read_watch(value: object, columns: Mapping[str, Column], where: Place) -> Watch | None:
    """Read what a table's contract asks to be watched; None where it asks nothing.

    ``where`` is the value's place.

    Raises:
        ContractError: a key, a measure or a column is unknown, or a value is not as it must be.
    """
    if value is None:
        return None
    given = _mapping(value, "watch", where)
    _require_keys(given, _WATCH_KEYS, ("day", "measures"), where)
    measures = given["measures"]
    if not isinstance(measures, list) or not measures:
        raise ContractError(
            f"measures is {measures!r}: expected a list of at least one",
            where=where.at("measures"),
            todo="write one as in {measure: nullShare, column: price}",
        )
    places = [where.at("measures", position) for position in range(len(measures))]
    found = tuple(_measure(e, columns, place) for e, place in zip(measures, places, strict=True))
    names = [f"{each.name} {each.column}".strip() for each in found]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ContractError(f"watched twice: {name}", where=places[position])
    return Watch(
        day_column=_day_column(given["day"], columns, where.at("day")),
        measures=found,
        settle_days=_settle_days(given.get("settleDays", 0), where.at("settleDays")),
        accepted_days=tuple(
            sorted(set(_days(given.get("acceptedDays", []), where.at("acceptedDays"))))
        ),
    )


def _measure(value: object, columns: Mapping[str, Column], where: Place) -> WatchedMeasure:
    given = _mapping(value, "a measure", where)
    kind = _choose(DayMeasureKind, given.get("measure"), "measure", where)
    needed = {
        DayMeasureKind.ROWS: ("measure",),
        DayMeasureKind.DRIFT: ("measure", "column", "reference"),
    }.get(kind, ("measure", "column"))
    _require_keys(given, _KEYS[kind], needed, where)
    method = None
    start = end = None
    if kind is DayMeasureKind.DRIFT:
        method = _choose(DriftMethod, given.get("method", "psi"), "method", where)
        start, end = _reference(given["reference"], where.at("reference"))
    column = (
        "" if kind in _COLUMNLESS else _known_column(given["column"], columns, where.at("column"))
    )
    if column and columns[column].parts and kind is not DayMeasureKind.NULL_SHARE:
        raise ContractError(
            f"'{column}', an {columns[column].logical_type}, is watched for {kind}",
            where=where.at("column"),
            todo="watch its nullShare, or a column that holds the value itself",
        )
    if method is DriftMethod.KS and columns[column].logical_type not in ("integer", "number"):
        raise ContractError(
            f"the method ks needs an order of values: '{column}' is no number",
            where=where.at("method"),
            todo="use psi, kl or js",
        )
    return WatchedMeasure(
        kind=kind,
        column=column,
        severity=read_severity(given.get("severity"), Severity.WARNING, where.at("severity")),
        season=_choose(Season, given.get("season", "weekday"), "season", where),
        at_least=_number(given, "atLeast", where),
        score=_number(given, "score", where),
        factor=_number(given, "factor", where),
        method=method,
        reference_from=start,
        reference_to=end,
    )


def _day_column(name: object, columns: Mapping[str, Column], where: Place) -> str:
    found = _known_column(name, columns, where)
    kind = columns[found].data_type.lower()
    if columns[found].parts or not kind.startswith(("date", "timestamp")):
        raise ContractError(
            f"'{found}' gives a row no day: it is of type {kind}",
            where=where,
            todo="name a column of dates or timestamps",
        )
    return found


def _known_column(name: object, columns: Mapping[str, Column], where: Place) -> str:
    if not isinstance(name, str) or name not in columns:
        raise ContractError(
            f"{name!r} is not a column", where=where, todo=f"columns are {', '.join(columns)}"
        )
    return name


def _reference(value: object, where: Place) -> tuple[date, date]:
    given = _mapping(value, "reference", where)
    _require_keys(given, ("from", "to"), ("from", "to"), where)
    start, end = _days([given["from"], given["to"]], where)
    if start > end:
        raise ContractError(f"the reference ends ({end}) before it starts ({start})", where=where)
    return start, end


def _days(values: object, where: Place) -> list[date]:
    if not isinstance(values, list):
        raise ContractError(f"expected a list of days, found {values!r}", where=where)
    try:
        return [date.fromisoformat(str(each)) for each in values]
    except ValueError as error:
        raise ContractError(
            f"a day cannot be read: {error}", where=where, todo="write it as in 2024-01-31"
        ) from error


def _settle_days(value: object, where: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SETTLE_DAYS:
        raise ContractError(
            f"settleDays is {value!r}: expected a whole number from 0 to {_MOST_SETTLE_DAYS}",
            where=where,
        )
    return value


def _number(given: Mapping[str, object], key: str, where: Place) -> float | None:
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ContractError(f"{key} is {value!r}: expected a number from 0", where=where.at(key))
    return float(value)


def _choose(choices: type[_Choice], value: object, key: str, where: Place) -> _Choice:
    allowed = [each.value for each in choices]
    if value not in allowed:
        raise ContractError(
            f"{key} is {value!r}: expected one of {', '.join(allowed)}", where=where.at(key)
        )
    return choices(str(value))


def _mapping(value: object, what: str, where: Place) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ContractError(
            f"{what} is {value!r}: expected a mapping",
            where=where,
            todo="see `watch` in the reference of contracts",
        )
    return {str(key): each for key, each in value.items()}


def _require_keys(
    given: Mapping[str, object], known: Iterable[str], needed: Iterable[str], where: Place
) -> None:
    unknown = sorted(set(given) - set(known))
    missing = sorted(set(needed) - set(given))
    if unknown or missing:
        raise ContractError(
            f"unknown: {', '.join(unknown)}" if unknown else f"missing: {', '.join(missing)}",
            where=where.at(*unknown[:1]),
            todo=f"known are {', '.join(known)}; needed {', '.join(needed)}",
        )
