"""Tables and times as plain text: aligned, never cut, the same on a screen and in a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

LISTED = 10


def format_table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], right: Collection[str] = ()
) -> str:
    """Align rows under headers. Columns named in ``right`` are aligned to the right."""
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [
        max([len(header), *(len(row[index]) for row in texts)])
        for index, header in enumerate(headers)
    ]
    lines = [list(headers), ["-" * width for width in widths], *texts]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if header in right else cell.ljust(width)
            for header, cell, width in zip(headers, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def format_count(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 load``, ``2,000 loads``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def shorten(lines: Sequence[str], noun: str, command: str) -> list[str]:
    """Keep the first lines of a long list; the last one then counts the rest and says where.

    The ``noun`` is what one line speaks of; the ``command`` lists all of them. A list is not cut
    for the sake of one line: that would take as much room.
    """
    if len(lines) <= LISTED + 1:
        return list(lines)
    hidden = format_count(len(lines) - LISTED, f"more {noun}")
    margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return [*lines[:LISTED], f"{margin}and {hidden}: {command}"]


def format_time(at_utc: datetime) -> str:
    """Write a moment in UTC, to the second."""
    return at_utc.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def indent(text: str, by: str = "  ") -> str:
    """Put each line of a text under the line before it."""
    return "\n".join(by + line if line else line for line in text.splitlines())


def _text(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)
