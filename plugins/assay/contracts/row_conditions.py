"""The row rules of a contract as SQL: which rows break one, and the names of what they break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.contracts.model_text import text_literal
from assay.contracts.predicates import escape_jinja
from assay.domain import Contract, RowRule, Severity, quote_name


@dataclass(frozen=True)
class Named:
    """A name, and the SQL under which it belongs to a row; never NULL."""

    name: str
    condition: str


def _quarantining(contract: Contract) -> tuple[RowRule, ...]:
    """The contract's rules that send a row to quarantine when it breaks them."""
    return tuple(rule for rule in contract.row_rules if rule.severity is Severity.CRITICAL)


def sound_when(contract: Contract) -> list[str]:
    """List SQL conditions, one of which is false exactly where a row breaks a rule.

    They leave out what :func:`broken_rules` asks to tell rules apart: every row is asked these.
    """
    present = [f"({quote_name(c.name)} is not null)" for c in contract.columns if c.required]
    return ["(coalesce(len(_unreadable), 0) = 0)", *present, *map(_holds, _quarantining(contract))]


def broken_rules(contract: Contract) -> list[Named]:
    """List the rules with the SQL that is true where a row breaks them.

    A text that cannot be read is not called missing.
    """
    rules: list[Named] = []
    for column in contract.columns:
        unreadable = f"coalesce(list_contains(_unreadable, {text_literal(column.name)}), false)"
        missing = f"{quote_name(column.name)} is null"
        if column.data_type != "varchar":
            rules.append(Named(f"{column.name}_type", unreadable))
            missing += f" and not {unreadable}"
        if column.required:
            rules.append(Named(f"{column.name}_required", f"({missing})"))
    return [*rules, *(Named(rule.name, _fails(rule)) for rule in _quarantining(contract))]


def names_of(named: Sequence[Named]) -> str:
    """Write SQL for the list of names whose condition holds."""
    if not named:
        return "cast([] as varchar[])"
    each = ",\n            ".join(
        f"case when {one.condition} then {text_literal(one.name)} end" for one in named
    )
    return f"""list_filter([
            {each}
        ], lambda broken : broken is not null)"""


def names_or_null(named: Sequence[Named]) -> str:
    """Write SQL for the list of names whose condition holds: NULL where none does.

    The list is only made for rows where one does: the others pay for one ``or``.
    """
    if not named:
        return "cast(null as varchar[])"
    any_holds = "\n        or ".join(each.condition for each in named)
    return f"""case
        when {any_holds}
        then {names_of(named)}
    end"""


def _holds(rule: RowRule) -> str:
    return f"({escape_jinja(rule.predicate)})"


def _fails(rule: RowRule) -> str:
    return f"({_holds(rule)} is false)"
