"""``RESULTS.md``: a section a topic, each written when it is measured and kept until then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_MARK = re.compile(r"^<!-- section (\S+) -->$", re.MULTILINE)
_HEAD = """# Results

Median (lowest–highest). What is measured, and what is not: [README](README.md). Each section names
the command that measures it anew; the others stay as they are.
"""
_ORDER = ("flights", "tasks", "builds", "limited", "merges", "project", "audit", "split")


def replace_section(path: Path, name: str, lines: Sequence[str]) -> None:
    """Write one section into the report, in its place; ``name`` begins with its topic."""
    sections = read_sections(path)
    sections[name] = "\n".join(lines).strip()
    ordered = sorted(sections, key=_place)
    parts = [_HEAD, *(f"<!-- section {each} -->\n{sections[each]}\n" for each in ordered)]
    path.write_text("\n".join(parts), encoding="utf-8")


def read_sections(path: Path) -> dict[str, str]:
    """Read the report's sections by name."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    _, *found = _MARK.split(text)
    return {name: body.strip() for name, body in zip(found[::2], found[1::2], strict=True)}


def _place(name: str) -> tuple[int, int, str]:
    topic, _, size = name.partition("-")
    return (_ORDER.index(topic), int(size) if size.isdigit() else 0, name)
