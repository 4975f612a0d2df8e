"""Markdown that says a contract's texts as they are, whatever characters they hold.

Source: GitHub Flavored Markdown, sections "Backslash escapes", "Code spans" and "Tables".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Block = list[str]
"""The lines of a heading, a paragraph, a table or a block of code; none where there is nothing."""

_SPECIAL = re.compile(r"[\\*\[\]<>|~&]|(?<=\])\(|(?<![^\W_])_|_(?![^\W_])")
_BACKTICKS = re.compile(r"`+")
_LINE_START = re.compile(r"^(\d*)([-+=#.)])")


def plain(text: str) -> str:
    """Write a text on one line so that nothing in it is markup."""
    line = _SPECIAL.sub(lambda found: "\\" + found[0], " ".join(text.split()))
    return line.replace("`", "&#96;")


def paragraph(text: str) -> Block:
    """Write a text as a paragraph of its own: neither a list nor a heading."""
    return [_LINE_START.sub(r"\1\\\2", plain(text))]


def code(text: str) -> str:
    """Write a text on one line as code, also within a table."""
    line = " ".join(text.split()).replace("|", "\\|")
    fence = _fence(line, 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def code_block(language: str, text: str) -> Block:
    """Write a text as a block of code."""
    fence = _fence(text, 3)
    return [fence + language, *text.splitlines(), fence]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Block:
    """Write a table of cells that are Markdown already; nothing where it has no row."""
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    top = ["| " + " | ".join(each) + " |" for each in (header, ["---"] * len(header))]
    return [*top, *lines] if lines else []


def heading(level: int, text: str) -> Block:
    """Write a heading."""
    return ["#" * level + " " + text]


def blocks(*each: Block) -> Block:
    """Put blocks under one another, with an empty line between them."""
    lines: list[str] = []
    for block in each:
        lines += ["", *block] if lines and block else block
    return lines


def _fence(text: str, shortest: int) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    return "`" * max(shortest, longest + 1)
