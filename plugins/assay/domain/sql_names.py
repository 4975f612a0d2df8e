"""How a name is written in SQL."""

from __future__ import annotations


def quote_name(name: str) -> str:
    """Write a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
