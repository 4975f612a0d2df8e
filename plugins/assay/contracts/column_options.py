"""From a column's ``logicalTypeOptions`` and ``enum`` to row rules.

Source: Open Data Contract Standard v3.1, "Schema", section "Logical Type Options".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from open_data_contract_standard.model import SchemaProperty

from assay.contracts.column_values import column_literal, listed_predicate
from assay.contracts.limits import asks_nothing, find_conflict
from assay.contracts.place import Place
from assay.contracts.predicates import literal, number_literal
from assay.contracts.text_formats import PATTERNS, format_predicate
from assay.contracts.types import WHOLE_NUMBERS, stated_options
from assay.domain import RowRule, Severity, quote_name
from assay.errors import ContractError

_LIMITS = {
    "minimum": ("{c} >= {v}", "at least {v}"),
    "maximum": ("{c} <= {v}", "at most {v}"),
    "exclusiveMinimum": ("{c} > {v}", "above {v}"),
    "exclusiveMaximum": ("{c} < {v}", "below {v}"),
}
_MULTIPLE = {"multipleOf": ("{c} % {v} = 0", "a multiple of {v}")}
# How far the quotient of two numbers that are rounded in memory may be off, relative to it.
_ROUNDED = {"float": "2e-7", "double": "1e-14"}
# DuckDB holds NaN for more than any number, and for equal to itself.
_KEPT_BY_NAN = ("minimum", "exclusiveMinimum", "multipleOf")
_TEXTS = {
    "minLength": ("length({c}) >= {v}", "at least {v} characters"),
    "maxLength": ("length({c}) <= {v}", "at most {v} characters"),
    "pattern": ("regexp_full_match({c}, {v})", "as the pattern {v}"),
}
_OPTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "string": _TEXTS,
    "integer": _LIMITS | _MULTIPLE,
    "number": _LIMITS | _MULTIPLE,
    "date": _LIMITS,
    "timestamp": _LIMITS,
    "boolean": {},
}
_NAMES = {
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "minimum_length",
    "maxLength": "maximum_length",
}
# How the readers of delivered text take it anyway, by the type that it becomes: what a format
# may say, as the JDK writes formats and the standard its examples.
_FORMATS = {
    "date": re.compile("yyyy-MM-dd"),
    "timestamp": re.compile(r"(yyyy-MM-dd|YYYY-MM-DD)( |T|'T')HH:mm:ss(\.S{1,6})?(Z|'Z'|X{1,3})?"),
}
_FORMATS_SHOWN = {
    "date": "yyyy-MM-dd",
    "timestamp": "yyyy-MM-dd HH:mm:ss or yyyy-MM-dd'T'HH:mm:ss, with .SSS and with XXX or not,",
}
_UTC = ("UTC", "Etc/UTC")
_FORMAT_TYPES = {
    "i8": "tinyint",
    "i16": "smallint",
    "i32": "integer",
    "i64": "bigint",
    "f32": "float",
    "f64": "double",
}


def column_rules(
    column: SchemaProperty, data_type: str, place: Place, *, name: str = "", sql: str = ""
) -> tuple[RowRule, ...]:
    """Compile a column's ``logicalTypeOptions`` and ``enum`` to row rules.

    Of a part of a column its ``name`` and the ``sql`` of its value are given.

    Raises:
        ContractError: an option does not fit the column's type, or its value cannot be kept.
    """
    name, logical = name or column.name or "", column.logicalType or "string"
    sql = sql or quote_name(name)
    rules = []
    written = column.logicalTypeOptions or {}
    options = stated_options(written, column.physicalType)
    is_whole = data_type in WHOLE_NUMBERS
    require_room(name, options, place, is_whole=is_whole)
    for option, value in options.items():
        is_written = written.get(option) == value
        where = place.at("logicalTypeOptions", option) if is_written else place.at("physicalType")
        is_vacuous = asks_nothing(option, value, is_whole=is_whole)
        if is_vacuous or _is_kept_anyway(option, value, logical, data_type):
            continue
        if logical == "string" and option == "format" and value in PATTERNS:
            rules.append(_format_rule(name, sql, str(value), where))
            continue
        if option not in _OPTIONS[logical]:
            raise _refusal(name, logical, data_type, option, value, where)
        is_limit = option in _LIMITS
        said = column_literal(value, data_type, where) if is_limit else literal(value, where)
        predicate, text = _OPTIONS[logical][option]
        if option == "multipleOf" and data_type in _ROUNDED and value % 1:
            predicate = _near_multiple(_ROUNDED[data_type])
        if data_type in _ROUNDED and option in _KEPT_BY_NAN:
            predicate += " and not isnan({c})"
        rules.append(
            RowRule(
                name=f"{name}_{_NAMES.get(option, option)}",
                predicate=predicate.format(c=sql, v=said),
                severity=Severity.CRITICAL,
                description=f"{name} is {text.format(v=_shown(value))}",
                column=name,
                written_at=str(where),
            )
        )
    return (*rules, *_enumerated(column, data_type, place, name, sql))


def require_room(name: str, options: Mapping[str, object], place: Place, *, is_whole: bool) -> None:
    """Refuse options that no value can keep together.

    Raises:
        ContractError: a lower limit lies above an upper one.
    """
    conflict = find_conflict(options, is_whole=is_whole)
    if conflict:
        said = " and ".join(f"{option} {options[option]}" for option in conflict)
        raise ContractError(
            f"'{name}' has {said}: no value keeps both",
            where=place.at("logicalTypeOptions", conflict[0]),
            todo="correct one of the two",
        )


def _shown(value: object) -> object:
    return number_literal(value) if isinstance(value, float) else value


def _near_multiple(share: str) -> str:
    """Write that a quotient is whole but for rounding: 0.3 % 0.1 is not 0."""
    quotient = "({c} / {v})"
    return f"abs({quotient} - round({quotient})) <= {share} * greatest(abs({quotient}), 1)"


def _format_rule(name: str, sql: str, form: str, place: Place) -> RowRule:
    return RowRule(
        name=f"{name}_format",
        predicate=format_predicate(sql, form),
        severity=Severity.CRITICAL,
        description=f"{name} is of the format {form}",
        column=name,
        written_at=str(place),
    )


def _enumerated(
    column: SchemaProperty, data_type: str, place: Place, name: str, sql: str
) -> list[RowRule]:
    if not column.enum:
        return []
    values = [
        column_literal(each.value, data_type, place.at("enum", position, "value"))
        for position, each in enumerate(column.enum)
        if each.value is not None
    ]
    return [
        RowRule(
            name=f"{name}_enum",
            predicate=listed_predicate(sql, values),
            severity=Severity.CRITICAL,
            description=f"{name} is one of its listed values",
            column=name,
            written_at=str(place.at("enum")),
        )
    ]


def _is_kept_anyway(option: str, value: object, logical: str, data_type: str) -> bool:
    if option == "format" and logical in ("integer", "number"):
        return _FORMAT_TYPES.get(str(value)) == data_type
    if option == "format" and _kind(data_type) in _FORMATS:
        return _FORMATS[_kind(data_type)].fullmatch(str(value)) is not None
    if option == "timezone":
        return value is (data_type == "timestamp with time zone")
    return option == "defaultTimezone" and value in _UTC


def _kind(data_type: str) -> str:
    return data_type.partition(" ")[0]


def _refusal(
    name: str, logical: str, data_type: str, option: str, value: object, place: Place
) -> ContractError:
    if option == "format" and logical in ("integer", "number"):
        todo = "give the physicalType that the format means, or leave the format out"
    elif option == "format" and _kind(data_type) in _FORMATS:
        todo = f"texts are read as {_FORMATS_SHOWN[_kind(data_type)]} only: leave it out"
    elif option == "format":
        todo = f"checked are {', '.join(PATTERNS)}; for others write a pattern"
    elif option == "timezone":
        todo = "timezone: true means `timestamp with time zone`, false means `timestamp`"
    elif option == "defaultTimezone":
        todo = f"texts without a time zone are read as {_UTC[0]}: leave it out"
    else:
        todo = f"use one of {', '.join(_OPTIONS[logical]) or 'none'}"
    return ContractError(
        f"column '{name}', a {logical}, has the option {option}: {value}", where=place, todo=todo
    )
