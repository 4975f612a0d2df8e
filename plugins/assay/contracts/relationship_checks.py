"""Compiles foreign keys to checks of the audit."""

from __future__ import annotations

from assay.domain import Relationship, quote_name


def relationship_query(relationship: Relationship) -> str:
    """Write the query of the rows whose values stand in no row of the other table.

    A row of which one value is NULL is none of them: SQL's MATCH SIMPLE. ``{batch}`` is the
    table under audit; the other one has its own name.
    """
    here = [f"here.{quote_name(name)}" for name in relationship.columns]
    there = [f"there.{quote_name(name)}" for name in relationship.other_columns]
    present = " and ".join(f"{name} is not null" for name in here)
    equal = " and ".join(f"{b} = {a}" for a, b in zip(here, there, strict=True))
    table = f"{relationship.table.layer.value}.{quote_name(relationship.table.name)}"
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


def _describe(relationship: Relationship) -> str:
    columns, others = ", ".join(relationship.columns), ", ".join(relationship.other_columns)
    return f"{columns} stands in {relationship.table}, in {others}"
