"""From a contract's quality sections to row rules and table rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from open_data_contract_standard.model import DataQuality, SchemaObject

from assay.contracts.column_options import column_rules
from assay.contracts.operators import (
    figure_is_broken,
    require_rows,
    require_zero,
    row_count_bounds,
)
from assay.contracts.place import Place
from assay.contracts.predicates import (
    escape_query,
    literal,
    quote,
    require_one_expression,
    require_plain_pattern,
)
from assay.domain import Column, RowRule, Severity, TableRule
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
_Placed = tuple[RowRule | TableRule, Place]
_TABLE = re.compile(r"\$?\{\{(?:object|table)\}\}")
_COLUMN = re.compile(r"\$?\{\{(?:property|column)\}\}")
_ENGINES = "assay (a row predicate in SQL) and greatExpectations (type and kwargs)"


@dataclass(frozen=True)
class SchemaRules:
    """The rules that a whole contract states, of its columns and of its table."""

    row_rules: tuple[RowRule, ...]
    table_rules: tuple[TableRule, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset([r.name for r in self.row_rules] + [r.name for r in self.table_rules])


def read_rules(entity: SchemaObject, columns: Sequence[Column], place: Place) -> SchemaRules:
    """Compile the columns' options and every quality section. ``place`` is the schema's.

    Raises:
        ContractError: a rule is not understood, or two share a name; nothing is dropped.
    """
    placed = [*_option_rules(entity, columns, place), *_quality_rules(entity, place)]
    _require_distinct_names(placed, columns)
    rules = [rule for rule, _ in placed]
    return SchemaRules(
        tuple(rule for rule in rules if isinstance(rule, RowRule)),
        tuple(rule for rule in rules if isinstance(rule, TableRule)),
    )


def _option_rules(entity: SchemaObject, columns: Sequence[Column], place: Place) -> list[_Placed]:
    placed: list[_Placed] = []
    for position, each in enumerate(entity.properties or []):
        where = place.at("properties", position)
        found = column_rules(each, columns[position].data_type, where)
        placed += [(rule, where) for rule in found]
    return placed


def _quality_rules(entity: SchemaObject, place: Place) -> list[_Placed]:
    sections = [("", entity.quality or [], place.at("quality"))]
    sections += [
        (each.name or "", each.quality or [], place.at("properties", position, "quality"))
        for position, each in enumerate(entity.properties or [])
    ]
    compiled = [
        (_rule(quality, column, section.at(position)), section.at(position))
        for column, qualities, section in sections
        for position, quality in enumerate(qualities)
    ]
    return [(rule, where) for rule, where in compiled if rule is not None]


def _require_distinct_names(placed: Iterable[_Placed], columns: Iterable[Column]) -> None:
    """Quarantined rows carry a rule's name: no two rules may share one."""
    names = {f"{column.name}_{kind}" for column in columns for kind in ("type", "required")}
    names.add("key_conflict")
    for rule, where in placed:
        if rule.name in names:
            raise ContractError(
                f"rules named twice: {rule.name}",
                where=where,
                todo="name each rule once; <column>_type, <column>_required, key_conflict and the"
                " names of the columns' options are taken",
            )
        names.add(rule.name)


def _rule(quality: DataQuality, column: str, place: Place) -> RowRule | TableRule | None:
    kind = quality.type or "library"
    if kind == "text":
        return None
    if kind == "library":
        return _library_rule(quality, column, place)
    if kind == "sql":
        return _sql_rule(quality, column, place)
    if (
        kind == "custom"
        and (quality.engine or "").lower() == "assay"
        and isinstance(quality.implementation, str)
    ):
        name = _rule_name(quality, column, place)
        return RowRule(
            name=name,
            predicate=require_one_expression(quality.implementation, name, place),
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
        kind = str(implementation.get("type"))
        return _table_rule(quality, f"{column}_{kind}".strip("_"), place, kind, kwargs)
    raise ContractError(
        f"the quality rule '{quality.name or quality.description}' is of type {kind}"
        f" for the engine {quality.engine}",
        where=place,
        todo=f"known types are library, sql, text and custom; known engines {_ENGINES}",
    )


def _library_rule(quality: DataQuality, column: str, place: Place) -> RowRule | TableRule:
    metric = quality.metric or quality.rule or ""
    arguments = dict(quality.arguments or {})
    require_rows(quality, place)
    if metric == "rowCount" and not column:
        _require_arguments(quality, (), place)
        low, high = row_count_bounds(quality, place)
        return _table_rule(
            quality,
            "row_count",
            place,
            "expect_table_row_count_to_be_between",
            {"min_value": low, "max_value": high},
        )
    if metric == "duplicateValues":
        require_zero(quality, metric, place)
        _require_arguments(quality, () if column else ("properties",), place)
        kind, kwargs = _unique(_properties(quality, column, place))
        return _table_rule(quality, "_".join(_listed(kwargs)) + "_unique", place, kind, kwargs)
    if metric == "nullValues" and column:
        require_zero(quality, metric, place)
        _require_arguments(quality, (), place)
        return _table_rule(
            quality,
            f"{column}_not_null",
            place,
            "expect_column_values_to_not_be_null",
            {"column": column},
        )
    if metric == "invalidValues" and column:
        require_zero(quality, metric, place)
        _require_arguments(quality, ("validValues", "pattern"), place)
        return RowRule(
            name=_rule_name(quality, column, place, default=f"{column}_valid"),
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


def _sql_rule(quality: DataQuality, column: str, place: Place) -> TableRule:
    """A query of one figure, held to an operator: it returns a row where the figure is wrong.

    No row, no figure: a query that returns nothing breaks the rule.
    """
    query = (quality.query or "").strip().rstrip(";")
    query = escape_query(require_one_expression(query, quality.name or "sql", place))
    query = _TABLE.sub("{batch}", query)
    if column:
        query = _COLUMN.sub(quote(column).replace("\\", "\\\\"), query)
    unknown = re.search(r"\$\{\{(\w+)\}\}", query)
    if "{batch}" not in query.replace("{{batch}}", "") or unknown:
        raise ContractError(
            f"an sql rule names ${{{unknown[1]}}}, which means nothing here"
            if unknown
            else "an sql rule must read ${object}, the table it speaks of",
            where=place,
            todo="${object} is the table; in a column's rule ${property} is the column",
        )
    broken = figure_is_broken(quality, place)
    figure = f"select ({query}) as figure"
    return _table_rule(
        quality,
        column or "sql",
        place,
        "unexpected_rows_expectation",
        {
            "unexpected_rows_query": f"select figure from ({figure}) as figures"
            f" where figure is null or {broken}"
        },
    )


def _properties(quality: DataQuality, column: str, place: Place) -> list[str]:
    if column:
        return [column]
    named = (quality.arguments or {}).get("properties")
    if not isinstance(named, list) or not named or not all(isinstance(n, str) for n in named):
        raise ContractError(
            f"duplicateValues of a table needs the argument properties, found {named!r}",
            where=place,
            todo="list the columns whose values together stand once",
        )
    return list(named)


def _require_arguments(quality: DataQuality, known: tuple[str, ...], place: Place) -> None:
    unknown = sorted(set(quality.arguments or {}) - set(known))
    if unknown:
        raise ContractError(
            f"the metric '{quality.metric}' has the argument {', '.join(unknown)}",
            where=place,
            todo=f"use {' or '.join(known)}" if known else "it takes none here",
        )


def _unique(columns: list[str]) -> tuple[str, dict[str, object]]:
    if len(columns) == 1:
        return "expect_column_values_to_be_unique", {"column": columns[0]}
    return "expect_compound_columns_to_be_unique", {"column_list": columns}


def _listed(kwargs: Mapping[str, object]) -> list[str]:
    columns = kwargs.get("column_list")
    return list(columns) if isinstance(columns, list) else [str(kwargs["column"])]


def _valid(column: str, arguments: Mapping[str, object], place: Place) -> str:
    values, pattern = arguments.get("validValues"), arguments.get("pattern")
    if isinstance(values, list) and values and pattern is None:
        return f"{quote(column)} in ({', '.join(literal(each, place) for each in values)})"
    if isinstance(pattern, str) and values is None:
        plain = require_plain_pattern(pattern, place)
        return f"regexp_full_match({quote(column)}, {literal(plain, place)})"
    raise ContractError(
        f"invalidValues of '{column}' needs the argument validValues (a list) or pattern",
        where=place,
        todo="give it one of the two; for both write two rules",
    )


def _table_rule(
    quality: DataQuality, name: str, place: Place, kind: str, kwargs: Mapping[str, object]
) -> TableRule:
    return TableRule(
        name=quality.name or name,
        expectation=kind,
        arguments=kwargs,
        severity=_severity(quality, place),
        description=quality.description or "",
    )


def _severity(quality: DataQuality, place: Place) -> Severity:
    text = (quality.severity or "").lower()
    if text not in _SEVERITIES:
        raise ContractError(
            f"severity '{quality.severity}' is not known",
            where=place.at("severity"),
            todo=f"use one of {', '.join(each for each in _SEVERITIES if each)}",
        )
    return _SEVERITIES[text]


def is_critical(severity: str) -> bool:
    """Tell whether a rule of this severity stops the run; an unknown word is taken to."""
    return _SEVERITIES.get(severity.lower(), Severity.CRITICAL) is Severity.CRITICAL


def _rule_name(quality: DataQuality, column: str, place: Place, default: str = "") -> str:
    name = quality.name or default
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ContractError(
            f"a row rule{' of ' + column if column else ''} has the name '{name}'",
            where=place,
            todo="give it a name of lower-case letters, digits and underscores:"
            " quarantined rows carry it",
        )
    return name
