"""Is a suite's query what may run: one SELECT, which changes nothing?"""

from __future__ import annotations

from assay.errors import first_paragraph


def find_statement_fault(query: str) -> str:
    """Say why a text is not one SELECT; empty where it is. Nothing of it is executed."""
    import duckdb

    try:
        kinds = [statement.type for statement in duckdb.extract_statements(query)]
    except duckdb.Error as error:
        return first_paragraph(error)
    if kinds == [duckdb.StatementType.SELECT]:
        return ""
    named = " and ".join(kind.name for kind in kinds) or "nothing"
    return f"its statements are {named}: expected one SELECT"
