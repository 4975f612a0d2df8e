"""Every rule that a contract states: its columns' options, and its quality sections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from open_data_contract_standard.model import DataQuality, SchemaObject

from assay.contracts.column_options import column_rules
from assay.contracts.library_metrics import library_rule
from assay.contracts.nested_rules import nested_rules
from assay.contracts.place import Place
from assay.contracts.quality_entry import Entry, Subject
from assay.contracts.written_rules import custom_rule, sql_rule
from assay.domain import Column, RowRule, TableRule
from assay.errors import ContractError

_Placed = tuple[RowRule | TableRule, Place]


@dataclass(frozen=True)
class SchemaRules:
    """The rules that a whole contract states, of its columns and of its table."""

    row_rules: tuple[RowRule, ...]
    table_rules: tuple[TableRule, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset([r.name for r in self.row_rules] + [r.name for r in self.table_rules])


def read_rules(
    entity: SchemaObject, columns: Sequence[Column], null_texts: tuple[str, ...], place: Place
) -> SchemaRules:
    """Compile the columns' options and every quality section. ``place`` is the schema's.

    ``null_texts`` are the texts of a landed table that are read as NULL.

    Raises:
        ContractError: a rule is not understood, or two share a name; nothing is dropped.
    """
    placed = _option_rules(entity, columns, place)
    placed += _quality_rules(entity, columns, null_texts, place)
    _require_distinct_names(placed, columns)
    rules = [replace(rule, written_at=rule.written_at or str(where)) for rule, where in placed]
    return SchemaRules(
        tuple(rule for rule in rules if isinstance(rule, RowRule)),
        tuple(rule for rule in rules if isinstance(rule, TableRule)),
    )


def _option_rules(entity: SchemaObject, columns: Sequence[Column], place: Place) -> list[_Placed]:
    placed: list[_Placed] = []
    for position, each in enumerate(entity.properties or []):
        where = place.at("properties", position)
        column = columns[position]
        found = (
            nested_rules(each, column, where)
            if column.parts
            else column_rules(each, column.data_type, where)
        )
        placed += [(rule, where) for rule in found]
    return placed


def _quality_rules(
    entity: SchemaObject, columns: Sequence[Column], null_texts: tuple[str, ...], place: Place
) -> list[_Placed]:
    named = {column.name: column for column in columns}
    table = Subject(None, named, null_texts)
    placed = _section(entity.quality, table, place.at("quality"))
    for position, (each, column) in enumerate(zip(entity.properties or [], columns, strict=True)):
        subject = Subject(column, named, null_texts)
        placed += _section(each.quality, subject, place.at("properties", position, "quality"))
    return placed


def _section(
    entries: Iterable[DataQuality] | None, subject: Subject, place: Place
) -> list[_Placed]:
    places = ((quality, place.at(position)) for position, quality in enumerate(entries or ()))
    compiled = ((compile_rule(Entry(quality, subject, where)), where) for quality, where in places)
    return [(rule, where) for rule, where in compiled if rule is not None]


def compile_rule(entry: Entry) -> RowRule | TableRule | None:
    """Compile one entry of a quality section; of a text nothing follows.

    Raises:
        ContractError: it is not understood.
    """
    entry.require_honoured()
    if entry.kind == "text":
        return None
    if entry.kind == "library":
        return library_rule(entry)
    return sql_rule(entry) if entry.kind == "sql" else custom_rule(entry)


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
