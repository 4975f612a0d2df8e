"""SQL that a team writes in a contract: what it may be, so that it stays within its rule."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal

from assay.errors import ContractError

# A text in any of DuckDB's quotes, or a quoted name: what stands in it is no SQL.
_QUOTED = re.compile(
    r"""\be'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|"""
    r"(?<![\w$])\$((?:[^\W\d]\w*)?)\$.*?\$\1\$",
    re.DOTALL | re.IGNORECASE,
)
_DECIMAL_DIGITS = 38
_FORBIDDEN = {"--": "a comment", "/*": "a comment", ";": "a semicolon"}


def require_one_expression(sql: str, name: str, place: str) -> str:
    """Return a team's SQL, stripped, once it is sure to end where it ends.

    Raises:
        ContractError: it is empty, has a comment or a semicolon, a quote that is not closed, or
            brackets that do not match: with what is compiled around it, it would mean another.
    """
    text = sql.strip()
    bare = _QUOTED.sub("''", text)
    found = next((what for mark, what in _FORBIDDEN.items() if mark in bare), "")
    if not text:
        found = "nothing in it"
    elif "'" in bare.replace("''", "") or '"' in bare:
        found = "a quote that is not closed"
    elif not found and not _brackets_match(bare):
        found = "brackets that do not match"
    if found:
        raise ContractError(
            f"the SQL of the rule '{name}' has {found}: {text[:80]!r}",
            where=place,
            todo="write one expression; say in the rule's description what a comment would",
        )
    return text


def join_lines(sql: str) -> str:
    """Write SQL in one form, whatever its line breaks; where it quotes, they may be values."""
    text = sql.strip().rstrip(";").rstrip()
    return text if _QUOTED.search(text) else " ".join(text.split())


def _brackets_match(text: str) -> bool:
    depth = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def escape_jinja(text: str) -> str:
    """Write a text for a template, so that it stands in the result as it is."""
    return re.sub(r"\{(?=[{%#])", "{{ '{' }}", text)


def escape_query(text: str) -> str:
    """Write SQL for a suite's query: a brace there names a relation, a colon a parameter."""
    text = text.replace("{", "{{").replace("}", "}}")
    text = re.sub(r"\\(:[\w$]*)(?![:\w$])", r"\\\\\1", text)
    return re.sub(r"(?<![:\w$\\]):([\w$]+)(?![:\w$])", r"\\:\1", text)


def number_literal(value: float) -> str:
    """Write a finite number so that DuckDB takes it for what it says.

    With an exponent it would take it for a DOUBLE, and compare decimals as such: 1e-05, as Python
    writes it, is not quite 0.00001. What has more digits than a decimal holds is a DOUBLE anyway.
    """
    plain = format(Decimal(repr(value)), "f")
    return plain if len(plain) <= _DECIMAL_DIGITS else repr(value)


def literal(value: object, place: str) -> str:
    """Write a value as an SQL literal.

    Raises:
        ContractError: no literal says it: a list, a mapping, nothing, or no finite number.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return number_literal(value)
    if isinstance(value, str | date):
        return "'" + str(value).replace("'", "''") + "'"
    raise ContractError(
        f"{value!r} cannot be compared with", where=place, todo="write a number, a text or a date"
    )
