"""From the standard's metrics to row rules, expectations, or figures held to an operator.

Source: Open Data Contract Standard v3.1, "Data Quality", section "Metrics".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from assay.contracts.column_values import column_literal, listed_predicate
from assay.contracts.operators import Limit, read_limit, title
from assay.contracts.predicates import escape_query, literal
from assay.contracts.quality_entry import Entry
from assay.domain import RowRule, TableRule, quote_name


def library_rule(entry: Entry) -> RowRule | TableRule:
    """Compile a rule of type library.

    A rule that tolerates no row compiles to what names the rows: a row rule or an expectation.
    Any other is one figure over the table, a count of rows or their share.

    Raises:
        ContractError: the metric, its arguments, operator or unit cannot be compiled.
    """
    metric = entry.quality.metric or ""
    level = "column" if entry.subject.column else "table"
    compiler = _METRICS.get((metric, level))
    if compiler is None:
        known = [name for name, each in _METRICS if each == level]
        raise entry.refusal(
            f"the metric '{metric}' cannot be compiled for a {level}"
            if metric
            else f"{title(entry.quality)} has no metric",
            f"known for a {level} are {', '.join(known)}",
            "metric",
        )
    limit = read_limit(entry.quality, entry.place)
    _require_unit(entry, metric)
    _require_keepable(entry, limit)
    return compiler(entry, limit)


def _row_count(entry: Entry, limit: Limit) -> TableRule:
    _require_arguments(entry, ())
    bounds = limit.count_bounds()
    if bounds is None:
        return _figure(entry, limit, "count(*)", "row_count")
    low, high = bounds
    arguments = {"min_value": low, "max_value": high}
    return entry.table_rule("expect_table_row_count_to_be_between", arguments, "row_count")


def _null_values(entry: Entry, limit: Limit) -> TableRule:
    _require_arguments(entry, ())
    column = entry.subject.name
    if _tolerates_none(entry, limit):
        kind, arguments = "expect_column_values_to_not_be_null", {"column": column}
        return entry.table_rule(kind, arguments, f"{column}_not_null")
    return _figure(
        entry, limit, _breaking(f"{quote_name(column)} is not null"), f"{column}_null_values"
    )


def _missing_values(entry: Entry, limit: Limit) -> RowRule | TableRule:
    _require_arguments(entry, ("missingValues",))
    column, values = entry.subject.name, _list_argument(entry, "missingValues")
    has_null = any(value is None or value in entry.subject.null_texts for value in values)
    held = _held_values(entry, "missingValues", values)
    parts = [f"{quote_name(column)} is not null"] if has_null else []
    parts += [f"{quote_name(column)} not in ({', '.join(held)})"] if held else []
    return _row_metric(entry, limit, " and ".join(parts), "present", "missing_values")


def _invalid_values(entry: Entry, limit: Limit) -> RowRule | TableRule:
    _require_arguments(entry, ("validValues", "pattern"))
    column, arguments = entry.subject.name, entry.quality.arguments or {}
    pattern = arguments.get("pattern")
    if "pattern" in arguments and "validValues" in arguments:
        raise entry.refusal(
            f"invalidValues of '{column}' has validValues and pattern",
            "give it one of the two; for both write two rules",
            "arguments",
        )
    argument = "pattern" if "pattern" in arguments else "validValues"
    where = entry.place.at("arguments", argument)
    if argument == "validValues":
        held = _held_values(entry, "validValues", _list_argument(entry, "validValues"))
        predicate = listed_predicate(quote_name(column), held)
    else:
        if not isinstance(pattern, str) or not _is_text(entry):
            raise entry.refusal(
                f"invalidValues of '{column}' has the pattern {pattern!r}",
                "a pattern is a text, for a column of texts",
                "arguments",
                "pattern",
            )
        predicate = f"regexp_full_match({quote_name(column)}, {literal(pattern, where)})"
    rule = _row_metric(entry, limit, predicate, "valid", "invalid_values")
    return replace(rule, written_at=str(where))


def _duplicate_values(entry: Entry, limit: Limit) -> TableRule:
    columns = _repeated_columns(entry)
    name = "_".join(columns)
    if _tolerates_none(entry, limit):
        kind = "expect_column_values_to_be_unique"
        arguments: dict[str, object] = {"column": columns[0]}
        if len(columns) > 1:
            kind, arguments = "expect_compound_columns_to_be_unique", {"column_list": columns}
        return entry.table_rule(kind, arguments, f"{name}_unique")
    names = [quote_name(column) for column in columns]
    whole = " and ".join(f"{each} is not null" for each in names)
    values = names[0] if len(names) == 1 else f"({', '.join(names)})"
    count = f"(count(*) filter (where {whole}) - count(distinct {values}) filter (where {whole}))"
    return _figure(entry, limit, count, f"{name}_duplicate_values")


_METRICS: Mapping[tuple[str, str], Callable[[Entry, Limit], RowRule | TableRule]] = {
    ("rowCount", "table"): _row_count,
    ("duplicateValues", "table"): _duplicate_values,
    ("nullValues", "column"): _null_values,
    ("missingValues", "column"): _missing_values,
    ("invalidValues", "column"): _invalid_values,
    ("duplicateValues", "column"): _duplicate_values,
}


def _row_metric(
    entry: Entry, limit: Limit, predicate: str, kept: str, broken: str
) -> RowRule | TableRule:
    """Compile a metric that counts the rows for which a predicate is false."""
    column = entry.subject.name
    if _tolerates_none(entry, limit):
        description = f"{column} is {_KEPT_TEXTS[kept]}"
        return entry.row_rule(predicate, name=f"{column}_{kept}", description=description)
    return _figure(entry, limit, _breaking(predicate), f"{column}_{broken}")


_KEPT_TEXTS = {"valid": "one of its valid values", "present": "not one of its missing values"}


def _breaking(predicate: str) -> str:
    return f"count(*) filter (where ({escape_query(predicate)}) is false)"


def _figure(entry: Entry, limit: Limit, count: str, name: str) -> TableRule:
    """Compile a count of rows, or its share of all rows: of no rows the share is 0."""
    share = f"coalesce(100 * {count} / nullif(count(*), 0), 0)"
    figure = share if _is_percent(entry) else count
    query = f"select {figure} from {{batch}}"
    unit = "percent" if _is_percent(entry) else "rows"
    return entry.figure_rule(
        query, limit, name=name, unit=unit, description=_describe(entry, limit)
    )


def _describe(entry: Entry, limit: Limit) -> str:
    """Say what a figure is held to, as in ``null values of id must be less than 5 percent``."""
    metric = re.sub("([A-Z])", lambda found: f" {found[1].lower()}", entry.quality.metric or "")
    columns = [entry.subject.name] if entry.subject.column else _named(entry)
    of = f" of {', '.join(columns)}" if columns else ""
    return f"{metric}{of} {limit}{' percent of rows' if _is_percent(entry) else ''}"


def _tolerates_none(entry: Entry, limit: Limit) -> bool:
    return (limit.kept_shares() if _is_percent(entry) else limit.kept_counts()) == [0]


def _require_keepable(entry: Entry, limit: Limit) -> None:
    if not (limit.kept_shares() if _is_percent(entry) else limit.kept_counts()):
        of = "share of rows, 0 to 100," if _is_percent(entry) else "count of rows"
        raise entry.refusal(
            f"{title(entry.quality)} can never be kept: no {of} fits {limit}",
            "correct the operator's value",
            limit.operator,
        )


def _is_percent(entry: Entry) -> bool:
    return str(entry.quality.unit) == "percent"


def _require_unit(entry: Entry, metric: str) -> None:
    known = ("rows",) if metric == "rowCount" else ("rows", "percent")
    if entry.quality.unit is not None and entry.quality.unit not in known:
        raise entry.refusal(
            f"{title(entry.quality)} has the unit '{entry.quality.unit}'",
            f"use {' or '.join(known)}, or write an sql rule whose query returns the figure",
            "unit",
        )


def _require_arguments(entry: Entry, known: tuple[str, ...]) -> None:
    for argument in entry.quality.arguments or {}:
        if argument not in known:
            raise entry.refusal(
                f"the metric '{entry.quality.metric}' has the argument {argument}",
                f"use {' or '.join(known)}" if known else "it takes none here",
                "arguments",
                argument,
            )


def _list_argument(entry: Entry, name: str) -> list[object]:
    values = (entry.quality.arguments or {}).get(name)
    if not isinstance(values, list) or not values:
        raise entry.refusal(
            f"{title(entry.quality)} needs the argument {name}, a list; found {values!r}",
            "list at least one",
            "arguments",
            name,
        )
    return values


def _named(entry: Entry) -> list[str]:
    return [str(each) for each in (entry.quality.arguments or {}).get("properties", ())]


def _repeated_columns(entry: Entry) -> list[str]:
    if entry.subject.column:
        _require_arguments(entry, ())
        return [entry.subject.name]
    _require_arguments(entry, ("properties",))
    named = _list_argument(entry, "properties")
    for position, each in enumerate(named):
        is_column = isinstance(each, str) and each in entry.subject.columns
        if not is_column or each in named[:position]:
            raise entry.refusal(
                f"{title(entry.quality)} names {each!r}, which is no column or stands twice",
                f"columns are {', '.join(entry.subject.columns)}",
                "arguments",
                "properties",
                position,
            )
    return _named(entry)


def _is_text(entry: Entry) -> bool:
    return entry.subject.column is not None and entry.subject.column.data_type == "varchar"


def _held_values(entry: Entry, argument: str, values: list[object]) -> list[str]:
    """Write the values that the column can hold as SQL.

    A text that reads as NULL is NULL in the table; the column's type need not hold it.
    """
    kind = entry.subject.column.data_type if entry.subject.column else ""
    return [
        column_literal(value, kind, entry.place.at("arguments", argument, position))
        for position, value in enumerate(values)
        if value is not None and (value not in entry.subject.null_texts or _is_text(entry))
    ]
