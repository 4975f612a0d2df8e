"""Rules that a team writes itself: a figure in SQL, a predicate in SQL, an expectation.

Source: Open Data Contract Standard v3.1, "Data Quality", sections "SQL" and "Custom".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import yaml

from assay.contracts.document import parse_yaml
from assay.contracts.operators import read_limit, title
from assay.contracts.predicates import escape_query, require_one_expression
from assay.contracts.quality_entry import Entry
from assay.domain import LOAD_COLUMNS, RowRule, TableRule, quote_name

_TABLE = re.compile(r"\$?\{\{(?:object|table)\}\}")
_COLUMN = re.compile(r"\$?\{\{(?:property|column)\}\}")
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
# Of a pair of columns, of several or of the table an expectation takes no column.
_OF_ONE_COLUMN = re.compile(r"expect_column_(?!pair_)")
_ENGINES = "assay (a row predicate in SQL) and greatExpectations (type and kwargs)"


def sql_rule(entry: Entry) -> TableRule:
    """Compile a query of one figure, held to an operator.

    Raises:
        ContractError: it is not one query over the table, or has not one operator.
    """
    quality, column = entry.quality, entry.subject.name
    query = (quality.query or "").strip().rstrip(";")
    where = entry.place.at("query")
    query = escape_query(require_one_expression(query, quality.name or "sql", where))
    query = _TABLE.sub("{batch}", query)
    if column:
        query = _COLUMN.sub(quote_name(column).replace("\\", "\\\\"), query)
    unknown = re.search(r"\$\{\{(\w+)\}\}", query)
    if "{batch}" not in query.replace("{{batch}}", "") or unknown:
        raise entry.refusal(
            f"an sql rule names ${{{unknown[1]}}}, which means nothing here"
            if unknown
            else "an sql rule must read ${object}, the table it speaks of",
            "${object} is the table; in a column's rule ${property} is the column",
            "query",
        )
    limit = read_limit(quality, entry.place, may_be_boolean=True)
    return entry.figure_rule(query, limit, name=column or "sql", unit=quality.unit or "")


def custom_rule(entry: Entry) -> RowRule | TableRule:
    """Compile a rule for one of the engines that are known.

    Raises:
        ContractError: the engine is unknown, or its implementation not of its form.
    """
    engine = name_engine(entry.quality.engine)
    if engine == "assay":
        return _predicate(entry)
    if engine == "greatexpectations":
        return _expectation(entry)
    raise entry.refusal(
        f"{title(entry.quality)} is of type custom for the engine {entry.quality.engine}",
        f"known types are library, sql, text and custom; known engines {_ENGINES}",
        "engine",
    )


def name_engine(written: str | None) -> str:
    """Return the one name of an engine that people write in several ways."""
    return (written or "").lower().replace("-", "")


def parse_expectation(written: object) -> object:
    """Return an expectation as the mapping that it is, also where it is written as a text.

    The standard's own example writes it so. None for a text that is no YAML.
    """
    if not isinstance(written, str):
        return written
    try:
        return parse_yaml(written)[1]
    except yaml.YAMLError:
        return None


def _predicate(entry: Entry) -> RowRule:
    sql = entry.quality.implementation
    if not isinstance(sql, str):
        raise entry.refusal(
            f"{title(entry.quality)} has the implementation {sql!r}",
            "the engine assay takes one SQL expression that is true for a row that keeps the rule",
            "implementation",
        )
    where = entry.place.at("implementation")
    return entry.row_rule(require_one_expression(sql, entry.quality.name or "", where))


def _expectation(entry: Entry) -> TableRule:
    """Read an expectation's type and arguments; whether Great Expectations takes them, it says."""
    found = parse_expectation(entry.quality.implementation)
    kwargs = found.get("kwargs", {}) if isinstance(found, Mapping) else None
    if (
        not isinstance(found, Mapping)
        or not isinstance(found.get("type"), str)
        or not isinstance(kwargs, Mapping)
        or set(found) - {"type", "kwargs"}
    ):
        raise entry.refusal(
            f"{title(entry.quality)} has an implementation for Great Expectations that is not"
            " `type` and `kwargs`",
            "write it as in {type: expect_column_max_to_be_between, kwargs: {max_value: 9}};"
            " severity and description stand in the rule itself",
            "implementation",
        )
    column, kind = entry.subject.name, str(found["type"])
    try:
        # A suite is JSON: a day in it is a text.
        arguments = json.loads(json.dumps(kwargs, default=str, allow_nan=False))
    except ValueError as error:
        raise entry.refusal(
            f"{title(entry.quality)} has kwargs that a suite cannot hold: {error}",
            "leave the argument out, or write a number",
            "implementation",
            "kwargs",
        ) from error
    # Nothing is what an argument is where it is not given.
    arguments = {name: value for name, value in arguments.items() if value is not None}
    if column and _OF_ONE_COLUMN.match(kind):
        arguments.setdefault("column", column)
    _require_columns(entry, arguments)
    rule = entry.table_rule(kind, arguments, f"{column}_{kind}".strip("_"))
    return replace(rule, is_own=True, written_at=str(entry.place.at("implementation")))


def _require_columns(entry: Entry, arguments: Mapping[str, object]) -> None:
    listed = arguments.get("column_list")
    named = [*(listed if isinstance(listed, list) else ()), *map(arguments.get, _COLUMN_ARGUMENTS)]
    for name in named:
        if name is not None and name not in (*entry.subject.columns, *LOAD_COLUMNS):
            raise entry.refusal(
                f"{title(entry.quality)} speaks of {name!r}, which is no column",
                f"columns are {', '.join(entry.subject.columns)}",
                "implementation",
                "kwargs",
            )
