"""From the options of objects, arrays and what is in them to row rules.

Source: Open Data Contract Standard v3.1, "Schema", section "Logical Type Options".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from open_data_contract_standard.model import SchemaProperty

from assay.contracts.column_options import column_rules, require_room
from assay.contracts.limits import asks_nothing
from assay.contracts.nested import ITEMS, is_nested
from assay.contracts.place import Place
from assay.domain import Column, RowRule, Severity, quote_name
from assay.errors import ContractError

_Predicate = Callable[["_Part", object], str]


@dataclass(frozen=True)
class _Part:
    """One property at its place: how a row says it, and how a rule over it becomes a row's.

    ``name`` joins the names on the way to it. ``value`` is SQL; inside of a list it speaks of one
    item, and ``over_rows`` makes of a predicate over that item one over the row.
    """

    odcs: SchemaProperty
    column: Column
    name: str
    value: str
    over_rows: Callable[[str], str]
    depth: int
    place: Place


def nested_rules(odcs: SchemaProperty, column: Column, place: Place) -> tuple[RowRule, ...]:
    """Compile the options of a nested column and of all that is in it.

    A rule is kept where it cannot be told: of an absent part only ``required`` speaks.

    Raises:
        ContractError: an option does not fit its property's type, or its value cannot be kept.
    """
    part = _Part(odcs, column, column.name, quote_name(column.name), _as_it_is, 1, place)
    return tuple(replace(rule, column=column.name) for rule in _rules(part))


def _rules(part: _Part) -> Iterator[RowRule]:
    if not is_nested(part.odcs):
        found = column_rules(
            part.odcs, part.column.data_type, part.place, name=part.name, sql=part.value
        )
        for rule in found:
            yield replace(rule, predicate=part.over_rows(rule.predicate))
        return
    if part.odcs.enum:
        raise ContractError(
            f"'{part.name}', an {part.odcs.logicalType}, has an enum",
            where=part.place.at("enum"),
            todo="list the values of what is in it, or write a row rule in SQL",
        )
    yield from _own_rules(part)
    for inner in _inner(part):
        yield from _rules(inner)


def _own_rules(part: _Part) -> Iterator[RowRule]:
    options, place = dict(part.odcs.logicalTypeOptions or {}), part.place.at("logicalTypeOptions")
    require_room(part.name, options, part.place, is_whole=True)
    required = options.pop("required", [])
    names = [inner.name for inner in part.column.parts]
    for name in required:
        if name not in names:
            raise ContractError(
                f"'{part.name}' requires '{name}', which is none of its properties",
                where=place.at("required"),
                todo=f"its properties are {', '.join(names)}",
            )
    for inner in _inner(part):
        where = inner.place.at("required") if inner.column.required else place.at("required")
        if inner.column.required or inner.column.name in required:
            yield _rule(inner, "required", _is_there(part, inner), "is always there", where)
    for option, value in options.items():
        suffix, predicate, text = _OPTIONS[part.odcs.logicalType or ""][option]
        if not asks_nothing(option, value, is_whole=True):
            where = place.at(option)
            yield _rule(part, suffix, predicate(part, value), text.format(v=value), where)


def _is_there(part: _Part, inner: _Part) -> str:
    if part.odcs.logicalType == "array":
        return f"{inner.value} is not null"
    # What is absent itself lacks nothing.
    return f"not ({part.value} is not null and {inner.value} is null)"


def _inner(part: _Part) -> Iterator[_Part]:
    if part.odcs.items is not None:
        item = f"item{part.depth}"
        yield _Part(
            part.odcs.items,
            part.column.parts[0],
            f"{part.name}_{ITEMS}",
            item,
            _each_item(part, item),
            part.depth + 1,
            part.place.at("items"),
        )
        return
    for number, (odcs, column) in enumerate(
        zip(part.odcs.properties or (), part.column.parts, strict=True)
    ):
        yield replace(
            part,
            odcs=odcs,
            column=column,
            name=f"{part.name}_{column.name}",
            value=f"struct_extract({part.value}, '{column.name}')",
            place=part.place.at("properties", number),
        )


def _each_item(part: _Part, item: str) -> Callable[[str], str]:
    """Hold every item of a list to a predicate: none may be without it."""

    def over_rows(predicate: str) -> str:
        broken = f"list_filter({part.value}, lambda {item} : ({predicate}) is false)"
        return part.over_rows(f"len({broken}) = 0")

    return over_rows


def _as_it_is(predicate: str) -> str:
    return predicate


def _rule(part: _Part, suffix: str, predicate: str, text: str, place: Place) -> RowRule:
    return RowRule(
        name=f"{part.name}_{suffix}",
        predicate=part.over_rows(predicate),
        severity=Severity.CRITICAL,
        description=f"{part.name} {text}",
        written_at=str(place),
    )


def _count_present(part: _Part) -> str:
    present = " + ".join(
        f"(struct_extract({part.value}, '{inner.name}') is not null)::integer"
        for inner in part.column.parts
    )
    return f"(case when {part.value} is not null then {present} end)"


def _all_different(part: _Part, value: object) -> str:
    """NULL is equal to NULL here, as in JSON; DuckDB's count of different values leaves it out."""
    different, present = f"list_unique({part.value})", f"list_count({part.value})"
    return f"len({part.value}) <= {different} + least(len({part.value}) - {present}, 1)"


def _at_least(figure: Callable[[_Part], str]) -> _Predicate:
    return lambda part, value: f"{figure(part)} >= {value}"


def _at_most(figure: Callable[[_Part], str]) -> _Predicate:
    return lambda part, value: f"{figure(part)} <= {value}"


def _length(part: _Part) -> str:
    return f"len({part.value})"


# By type and option: the end of the rule's name, its predicate, and what it says.
_OPTIONS: Mapping[str, Mapping[str, tuple[str, _Predicate, str]]] = {
    "array": {
        "minItems": ("minimum_items", _at_least(_length), "has at least {v} items"),
        "maxItems": ("maximum_items", _at_most(_length), "has at most {v} items"),
        "uniqueItems": ("unique_items", _all_different, "has no item twice"),
    },
    "object": {
        "minProperties": (
            "minimum_properties",
            _at_least(_count_present),
            "has at least {v} properties",
        ),
        "maxProperties": (
            "maximum_properties",
            _at_most(_count_present),
            "has at most {v} properties",
        ),
    },
}
