"""Compiles what a contract says of rows to dbt's tests of its table.

They are for builds in a developer's own lake: an audit asks the suite, compiled from the same
rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assay.domain import Column, Contract, Relationship, RowRule, Severity, quote_name

_SEVERITIES = {Severity.CRITICAL: "error", Severity.WARNING: "warn", Severity.INFO: "warn"}
_Test = str | dict[str, object]


def column_tests(contract: Contract, column: Column) -> list[_Test]:
    """List the tests of one column: that it is there, its values once, its foreign keys."""
    tests: list[_Test] = ["not_null"] if column.required else []
    if column.unique:
        tests.append("unique")
    own = (each for each in contract.relationships if each.columns == (column.name,))
    return [*tests, *(_key(contract, each) for each in own)]


def table_tests(contract: Contract) -> list[_Test]:
    """List the tests of the whole table: its key, row rules, foreign keys of several columns."""
    tests: list[_Test] = []
    if contract.key:
        tests.append({"unique_together": {"arguments": {"columns": list(contract.key)}}})
    for severity in dict.fromkeys(_SEVERITIES.values()):
        rules = [rule for rule in contract.row_rules if _SEVERITIES[rule.severity] == severity]
        if rules:
            tests.append(_rules(contract, rules, severity))
    several = (each for each in contract.relationships if len(each.columns) > 1)
    return [*tests, *(_key(contract, each) for each in several)]


def _rules(contract: Contract, rules: Iterable[RowRule], severity: str) -> _Test:
    """One test for all rules of a severity: it reads the table once and names what a row broke."""
    arguments = {"rules": {rule.name: rule.predicate for rule in rules}}
    return _test(contract, "row_rules", f"row_rules_{severity}", arguments, severity)


def _key(contract: Contract, relationship: Relationship) -> _Test:
    """Test a foreign key: of one column by dbt's own test, of several by the project's."""
    columns, fields = list(relationship.columns), list(relationship.other_columns)
    kind, of = "found_together", dict[str, object](columns=columns, fields=fields)
    if len(columns) == 1:
        kind, of = "relationships", {"field": quote_name(fields[0])}
    arguments = {"to": f"ref('{relationship.table.name}')", **of}
    severity = _SEVERITIES[relationship.severity]
    return _test(contract, kind, relationship.name, arguments, severity)


def _test(
    contract: Contract, kind: str, name: str, arguments: Mapping[str, object], severity: str
) -> _Test:
    """Write a test; of its ``name`` dbt has one in a project, so the table's stands before it."""
    return {
        kind: {
            "name": f"{contract.main_table.name}_{name}",
            "arguments": arguments,
            "config": {"severity": severity},
        }
    }
