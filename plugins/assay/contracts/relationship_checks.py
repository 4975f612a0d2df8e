"""Compiles foreign keys to a check of the audit and to a dbt test."""

from __future__ import annotations

from assay.contracts.predicates import quote
from assay.domain import Contract, Relationship, Severity

_DBT_SEVERITIES = {Severity.CRITICAL: "error", Severity.WARNING: "warn", Severity.INFO: "warn"}


def relationship_query(relationship: Relationship) -> str:
    """Write the query of the rows whose values stand in no row of the other table.

    A row of which one value is NULL is none of them: SQL's MATCH SIMPLE. ``{batch}`` is the
    table under audit; the other one has its own name.
    """
    here = [f"here.{quote(name)}" for name in relationship.columns]
    there = [f"there.{quote(name)}" for name in relationship.other_columns]
    present = " and ".join(f"{name} is not null" for name in here)
    equal = " and ".join(f"{b} = {a}" for a, b in zip(here, there, strict=True))
    table = f"{relationship.table.layer.value}.{quote(relationship.table.name)}"
    # An anti join: for `not exists` DuckDB collects the table's values first, at twice the cost.
    # In brackets, for Great Expectations gives a batch an alias of its own.
    return (
        f"select * from (select * from {{batch}}) as here anti join {table} as there on {equal}"
        f" where {present}"
    )


def relationship_expectation(relationship: Relationship) -> dict[str, object]:
    """Compile one foreign key to an expectation that names the other table which it reads."""
    meta: dict[str, object] = {
        "name": relationship.name,
        "reads": [str(relationship.table)],
        "key": list(relationship.columns),
    }
    if relationship.is_protected:
        meta["is_protected"] = True
    return {
        "type": "unexpected_rows_expectation",
        "kwargs": {"unexpected_rows_query": relationship_query(relationship)},
        "severity": relationship.severity.value,
        "description": relationship.description or _describe(relationship),
        "meta": meta,
    }


def column_tests(contract: Contract, column: str) -> list[dict[str, object]]:
    """Compile a column's foreign keys to dbt's own test of relationships."""
    return [
        {
            "relationships": {
                "name": f"{contract.main_table.name}_{each.name}",
                "arguments": {
                    "to": f"ref('{each.table.name}')",
                    "field": each.other_columns[0],
                },
                "config": {"severity": _DBT_SEVERITIES[each.severity]},
            }
        }
        for each in contract.relationships
        if each.columns == (column,)
    ]


def compound_tests(contract: Contract) -> list[dict[str, object]]:
    """Compile the foreign keys of several columns to the project's own test of them."""
    return [
        {
            "found_together": {
                "name": f"{contract.main_table.name}_{each.name}",
                "arguments": {
                    "to": f"ref('{each.table.name}')",
                    "columns": list(each.columns),
                    "fields": list(each.other_columns),
                },
                "config": {"severity": _DBT_SEVERITIES[each.severity]},
            }
        }
        for each in contract.relationships
        if len(each.columns) > 1
    ]


def _describe(relationship: Relationship) -> str:
    columns, others = ", ".join(relationship.columns), ", ".join(relationship.other_columns)
    return f"{columns} stands in {relationship.table}, in {others}"
