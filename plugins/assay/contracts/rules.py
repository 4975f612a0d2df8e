"""From a contract's options and quality section to row rules and table rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from open_data_contract_standard.model import DataQuality, SchemaObject, SchemaProperty

from assay.domain import RowRule, Severity, TableRule
from assay.errors import ContractError

_SEVERITIES = {
    "": Severity.CRITICAL,
    "critical": Severity.CRITICAL,
    "error": Severity.CRITICAL,
    "high": Severity.CRITICAL,
    "blocker": Severity.CRITICAL,
    "warning": Severity.WARNING,
    "medium": Severity.WARNING,
    "info": Severity.INFO,
    "low": Severity.INFO,
}
_OPTIONS = {
    "minimum": ("{c} >= {v}", "at least {v}"),
    "maximum": ("{c} <= {v}", "at most {v}"),
    "exclusiveMinimum": ("{c} > {v}", "above {v}"),
    "exclusiveMaximum": ("{c} < {v}", "below {v}"),
    "multipleOf": ("{c} % {v} = 0", "a multiple of {v}"),
    "minLength": ("length({c}) >= {v}", "at least {v} characters"),
    "maxLength": ("length({c}) <= {v}", "at most {v} characters"),
    "pattern": ("regexp_full_match({c}, {v})", "as the pattern {v}"),
}
_NAMES = {
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "minimum_length",
    "maxLength": "maximum_length",
}
_ENGINES = "assay (a row predicate in SQL) and greatExpectations (type and kwargs)"


@dataclass(frozen=True)
class SchemaRules:
    """The rules that a whole contract states in its quality sections."""

    row_rules: tuple[RowRule, ...]
    table_rules: tuple[TableRule, ...]


def column_rules(column: SchemaProperty, place: str) -> tuple[RowRule, ...]:
    """Compile ``logicalTypeOptions`` of one column to row rules.

    Raises:
        ContractError: an option is not understood.
    """
    name = column.name or ""
    rules = []
    for option, value in (column.logicalTypeOptions or {}).items():
        if option in ("timezone", "format"):
            continue
        if option not in _OPTIONS:
            raise ContractError(
                f"column '{name}' has the option '{option}'",
                where=place,
                todo=f"use one of {', '.join(_OPTIONS)}",
            )
        predicate, text = _OPTIONS[option]
        literal = _literal(value)
        rules.append(
            RowRule(
                name=f"{name}_{_NAMES.get(option, option)}",
                predicate=predicate.format(c=_name(name), v=literal),
                severity=Severity.CRITICAL,
                description=f"{name} is {text.format(v=value)}",
                column=name,
            )
        )
    return tuple(rules)


def schema_rules(entity: SchemaObject, place: str) -> SchemaRules:
    """Compile every quality section of a table, the columns' own included.

    Raises:
        ContractError: a rule is not understood; nothing is dropped silently.
    """
    row_rules: list[RowRule] = []
    table_rules: list[TableRule] = []
    sections: list[tuple[str, Iterable[DataQuality]]] = [("", entity.quality or [])]
    sections += [(each.name or "", each.quality or []) for each in entity.properties or []]
    for column, qualities in sections:
        for quality in qualities:
            rule = _rule(quality, column, place)
            if isinstance(rule, RowRule):
                row_rules.append(rule)
            elif rule is not None:
                table_rules.append(rule)
    names = [rule.name for rule in row_rules] + [rule.name for rule in table_rules]
    _require_distinct(names, place)
    return SchemaRules(tuple(row_rules), tuple(table_rules))


def _rule(quality: DataQuality, column: str, place: str) -> RowRule | TableRule | None:
    kind = quality.type or "library"
    if kind == "text":
        return None
    if kind == "library":
        return _library_rule(quality, column, place)
    if kind == "sql":
        return _sql_rule(quality, column, place)
    if kind == "custom" and quality.engine == "assay" and isinstance(quality.implementation, str):
        return RowRule(
            name=_rule_name(quality, column, place),
            predicate=quality.implementation.strip(),
            severity=_severity(quality, place),
            description=quality.description or "",
            column=column,
        )
    if (
        kind == "custom"
        and (quality.engine or "").lower() in ("greatexpectations", "great-expectations")
        and isinstance(quality.implementation, Mapping)
    ):
        implementation = dict(quality.implementation)
        kwargs = dict(implementation.get("kwargs") or {})
        if column:
            kwargs.setdefault("column", column)
        return _table_rule(quality, column, place, str(implementation.get("type")), kwargs)
    raise ContractError(
        f"the quality rule '{quality.name or quality.description}' is of type {kind}"
        f" for the engine {quality.engine}",
        where=place,
        todo=f"known types are library, sql, text and custom; known engines {_ENGINES}",
    )


def _library_rule(quality: DataQuality, column: str, place: str) -> RowRule | TableRule:
    metric = quality.metric or quality.rule or ""
    arguments = dict(quality.arguments or {})
    if metric == "rowCount" and not column:
        low, high = _bounds(quality, place)
        return _table_rule(
            quality,
            "row_count",
            place,
            "expect_table_row_count_to_be_between",
            {"min_value": low, "max_value": high},
        )
    _require_zero(quality, metric, place)
    if metric == "duplicateValues":
        columns = [str(each) for each in arguments.get("properties", [])] or [column]
        kind, kwargs = _unique(columns)
        return _table_rule(quality, "_".join(columns) + "_unique", place, kind, kwargs)
    if metric == "nullValues" and column:
        return _table_rule(
            quality,
            f"{column}_not_null",
            place,
            "expect_column_values_to_not_be_null",
            {"column": column},
        )
    if metric == "invalidValues" and column:
        return RowRule(
            name=quality.name or f"{column}_valid",
            predicate=_valid(column, arguments, place),
            severity=_severity(quality, place),
            description=quality.description or f"{column} is one of its valid values",
            column=column,
        )
    raise ContractError(
        f"the metric '{metric}' cannot be compiled {'for ' + column if column else 'here'}",
        where=place,
        todo="known are rowCount and duplicateValues for a table;"
        " nullValues, invalidValues and duplicateValues for a column",
    )


def _sql_rule(quality: DataQuality, column: str, place: str) -> TableRule:
    """A query of one figure, held to an operator: it returns a row where the figure is wrong."""
    low, high = _bounds(quality, place)
    query = (quality.query or "").strip().rstrip(";")
    for placeholder in ("${object}", "${table}", "{object}", "{table}"):
        query = query.replace(placeholder, "{batch}")
    for placeholder in ("${property}", "${column}"):
        query = query.replace(placeholder, _name(column))
    if "{batch}" not in query:
        raise ContractError("an sql rule must read ${object}, the table it speaks of", where=place)
    wrong = [
        f"figure < {low}" if low is not None else "",
        f"figure > {high}" if high is not None else "",
    ]
    condition = " or ".join(each for each in ["figure is null", *wrong] if each)
    return _table_rule(
        quality,
        column or "sql",
        place,
        "unexpected_rows_expectation",
        {"unexpected_rows_query": f"select figure from ({query}) as q(figure) where {condition}"},
    )


def _unique(columns: list[str]) -> tuple[str, dict[str, object]]:
    if len(columns) == 1:
        return "expect_column_values_to_be_unique", {"column": columns[0]}
    return "expect_compound_columns_to_be_unique", {"column_list": columns}


def _valid(column: str, arguments: Mapping[str, object], place: str) -> str:
    values, pattern = arguments.get("validValues"), arguments.get("pattern")
    if isinstance(values, list) and values:
        return f"{_name(column)} in ({', '.join(_literal(each) for each in values)})"
    if isinstance(pattern, str):
        return f"regexp_full_match({_name(column)}, {_literal(pattern)})"
    raise ContractError(
        f"invalidValues of '{column}' needs the argument validValues (a list) or pattern",
        where=place,
    )


def _bounds(quality: DataQuality, place: str) -> tuple[float | None, float | None]:
    """Turn an operator into inclusive bounds of a whole or real figure."""
    if quality.mustBe is not None:
        return quality.mustBe, quality.mustBe
    if quality.mustBeBetween is not None:
        return quality.mustBeBetween[0], quality.mustBeBetween[1]
    low = quality.mustBeGreaterOrEqualTo
    high = quality.mustBeLessOrEqualTo
    if isinstance(quality.mustBeGreaterThan, int):
        low = quality.mustBeGreaterThan + 1
    if isinstance(quality.mustBeLessThan, int):
        high = quality.mustBeLessThan - 1
    if low is None and high is None:
        raise ContractError(
            f"the rule '{quality.name or quality.metric}' has no operator that can be compiled",
            where=place,
            todo="use mustBe, mustBeBetween, mustBeGreaterOrEqualTo, mustBeLessOrEqualTo,"
            " or mustBeGreaterThan and mustBeLessThan with whole numbers",
        )
    return low, high


def _require_zero(quality: DataQuality, metric: str, place: str) -> None:
    if quality.mustBe != 0 or quality.unit == "percent":
        raise ContractError(
            f"the metric '{metric}' must say `mustBe: 0`",
            where=place,
            todo="shares and other operators cannot be compiled for this metric",
        )


def _table_rule(
    quality: DataQuality, name: str, place: str, kind: str, kwargs: Mapping[str, object]
) -> TableRule:
    return TableRule(
        name=quality.name or name,
        expectation=kind,
        arguments=kwargs,
        severity=_severity(quality, place),
        description=quality.description or "",
    )


def _severity(quality: DataQuality, place: str) -> Severity:
    text = (quality.severity or "").lower()
    if text not in _SEVERITIES:
        raise ContractError(
            f"severity '{quality.severity}' is not known",
            where=place,
            todo=f"use one of {', '.join(each for each in _SEVERITIES if each)}",
        )
    return _SEVERITIES[text]


def _rule_name(quality: DataQuality, column: str, place: str) -> str:
    if not re.match(r"^[a-z][a-z0-9_]*$", quality.name or ""):
        raise ContractError(
            f"a custom rule{' of ' + column if column else ''} has the name '{quality.name}'",
            where=place,
            todo="give it a name of lower-case letters, digits and underscores:"
            " quarantined rows carry it",
        )
    return quality.name or ""


def _require_distinct(names: list[str], place: str) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ContractError(
            f"rules named twice: {', '.join(repeated)}", where=place, todo="name each rule once"
        )


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
