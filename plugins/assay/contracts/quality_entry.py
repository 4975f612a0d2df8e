"""One entry of a quality section: what of it every rule takes over, and what it may not say.

Source: Open Data Contract Standard v3.1, "Data Quality".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from open_data_contract_standard.model import DataQuality

from assay.contracts.operators import Limit, title
from assay.contracts.place import Place
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
# What the standard's schema lets stand in an entry of any type, though it means something in
# one type alone.
_FIELDS_OF_TYPES = {
    "metric": {"library"},
    "arguments": {"library"},
    "query": {"sql"},
    "engine": {"custom"},
    "implementation": {"custom"},
    "unit": {"library", "sql"},
}
# What would change when or how a rule is checked, and does not.
_NOT_HONOURED = {
    "schedule": "rules are checked in every run, when data has changed: leave it out",
    "scheduler": "rules are checked in every run, when data has changed: leave it out",
    "customProperties": "none is known for a rule: leave them out",
    "rule": "it is the deprecated spelling of `metric`: write that alone",
}


@dataclass(frozen=True)
class Subject:
    """What a quality section speaks of: one column, or the table where ``column`` is None.

    ``columns`` are the table's, by name. ``null_texts`` are read as NULL: of a landed table.
    """

    column: Column | None
    columns: Mapping[str, Column]
    null_texts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The column's name; empty for the table."""
        return self.column.name if self.column else ""


@dataclass(frozen=True)
class Entry:
    """One entry of a quality section, what it speaks of and where it stands."""

    quality: DataQuality
    subject: Subject
    place: Place

    @property
    def kind(self) -> str:
        return self.quality.type or "library"

    def require_honoured(self) -> None:
        """Refuse what an entry says in vain.

        Raises:
            ContractError: a field means nothing for the entry's type, or nothing at all here.
        """
        for field, types in _FIELDS_OF_TYPES.items():
            if getattr(self.quality, field) is not None and self.kind not in types:
                raise self.refusal(
                    f"{title(self.quality)} is of type {self.kind} but has {field}",
                    f"{field} is for rules of type {' and '.join(sorted(types))}",
                    field,
                )
        for field, todo in _NOT_HONOURED.items():
            if getattr(self.quality, field) is not None:
                raise self.refusal(f"{title(self.quality)} has {field}", todo, field)

    def row_rule(self, predicate: str, *, name: str = "", description: str = "") -> RowRule:
        """Make a rule that each row keeps or breaks; the entry's own texts come first."""
        return RowRule(
            name=self._row_rule_name(self.quality.name or name),
            predicate=predicate,
            severity=self._severity(),
            description=self.quality.description or description,
            column=self.subject.name,
            dimension=self.quality.dimension or "",
        )

    def table_rule(
        self, expectation: str, arguments: Mapping[str, object], name: str, description: str = ""
    ) -> TableRule:
        """Make a rule over the whole table; the entry's own name and text come first."""
        return TableRule(
            name=self.quality.name or name,
            expectation=expectation,
            arguments=arguments,
            severity=self._severity(),
            description=self.quality.description or description,
            dimension=self.quality.dimension or "",
        )

    def figure_rule(
        self, query: str, limit: Limit, *, name: str, unit: str, description: str = ""
    ) -> TableRule:
        """Make a rule over one figure, by a query of it that reads ``{batch}``.

        No row, no figure: a query that returns nothing breaks the rule, and so does one that
        returns NaN, such as a share of no rows. DuckDB holds NaN for more than any number.
        """
        no_figure = "figure is null or isnan(try_cast(figure as double))"
        broken = f"{no_figure} or {limit.broken_when()}"
        text = f"select figure from (select ({query}) as figure) as figures where {broken}"
        rule = self.table_rule(
            "unexpected_rows_expectation", {"unexpected_rows_query": text}, name, description
        )
        return replace(rule, figure_unit=unit)

    def refusal(self, what: str, todo: str, *path: str | int) -> ContractError:
        """Make the error that names a spot of this entry."""
        return ContractError(what, where=self.place.at(*path), todo=todo)

    def _severity(self) -> Severity:
        text = (self.quality.severity or "").lower()
        if text not in _SEVERITIES:
            raise self.refusal(
                f"severity '{self.quality.severity}' is not known",
                f"use one of {', '.join(each for each in _SEVERITIES if each)}",
                "severity",
            )
        return _SEVERITIES[text]

    def _row_rule_name(self, name: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise self.refusal(
                f"a row rule{' of ' + self.subject.name if self.subject.name else ''}"
                f" has the name '{name}'",
                "give it a name of lower-case letters, digits and underscores:"
                " quarantined rows carry it",
                "name",
            )
        return name


def read_severity_word(word: str) -> Severity:
    """Return what a rule's severity means, in any of the words that are known for it."""
    return _SEVERITIES[word.lower()]
