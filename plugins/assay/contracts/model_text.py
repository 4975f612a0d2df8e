"""Pieces of the text of compiled models, in which curly brackets are dbt's."""

from __future__ import annotations

from collections.abc import Iterable

from assay.contracts.predicates import escape_jinja


def lines(items: Iterable[str], indent: int) -> str:
    """Write a list of expressions, one a line."""
    return ",\n".join(" " * indent + item for item in items)


def text_literal(text: str) -> str:
    """Write a text as an SQL literal that dbt leaves as it is."""
    return "'" + escape_jinja(text.replace("'", "''")) + "'"
