"""Compiles what a contract says of rows to dbt's tests of its table.

They are for builds in a developer's own lake: an audit asks the suite, compiled from the same
rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assay.domain import Column, Contract, Relationship, RowRule, Severity, quote_name

_SEVERITIES = {Severity.CRITICAL: "error", Severity.WARNING: "warn", Severity.INFO: "warn"}
# Which test asks what an expectation does of the columns in its one argument.
_KINDS = {
    "expect_column_values_to_not_be_null": ("not_null", "column"),
    "expect_column_values_to_be_unique": ("unique", "column"),
    "expect_compound_columns_to_be_unique": ("unique_together", "column_list"),
}
_Test = str | dict[str, object]


def column_tests(contract: Contract, column: Column) -> list[_Test]:
    """List the tests of one column: that it is there, its values once, its foreign keys."""
    tests = [
        _demand(kind, {}, severities)
        for (kind, columns), severities in _demands(contract).items()
        if kind != "unique_together" and columns == (column.name,)
    ]
    own = (each for each in contract.relationships if each.columns == (column.name,))
    return [*tests, *(_key(contract, each) for each in own)]


def table_tests(contract: Contract) -> list[_Test]:
    """List the tests of the whole table: its keys, row rules, foreign keys of several columns."""
    tests = [
        _demand(kind, {"arguments": {"columns": list(columns)}}, severities)
        for (kind, columns), severities in _demands(contract).items()
        if kind == "unique_together"
    ]
    for severity in dict.fromkeys(_SEVERITIES.values()):
        rules = [rule for rule in contract.row_rules if _SEVERITIES[rule.severity] == severity]
        if rules:
            tests.append(_rules(contract, rules, severity))
    several = (each for each in contract.relationships if len(each.columns) > 1)
    return [*tests, *(_key(contract, each) for each in several)]


def _demands(contract: Contract) -> dict[tuple[str, tuple[str, ...]], set[str]]:
    """Map what is demanded of which columns, by its test, to the severities that demand it."""
    found: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for column in contract.columns:
        for kind, is_stated in (("not_null", column.required), ("unique", column.unique)):
            if is_stated:
                found[kind, (column.name,)] = {"error"}
    if contract.key:
        found["unique_together", contract.key] = {"error"}
    for rule in contract.table_rules:
        kind, argument = _KINDS.get(rule.expectation, ("", ""))
        if set(rule.arguments) == {argument}:
            named = rule.arguments[argument]
            columns = tuple(named) if isinstance(named, list) else (str(named),)
            found.setdefault((kind, columns), set()).add(_SEVERITIES[rule.severity])
    return found


def _demand(kind: str, arguments: Mapping[str, object], severities: set[str]) -> _Test:
    """Write one test of the strictest severity: of two alike dbt would take neither."""
    config = {} if "error" in severities else {"config": {"severity": "warn"}}
    return {kind: {**arguments, **config}} if arguments or config else kind


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
