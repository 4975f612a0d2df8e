"""What a contract tells its readers: what the table is for, its limits, whom to ask."""

from __future__ import annotations

from assay.contracts.pages.markdown import Block, heading, paragraph, plain
from assay.domain import Contract


def readers(contract: Contract, level: int) -> list[Block]:
    """Write what is said to people alone; nothing where it repeats the description."""
    said = contract.for_people
    purpose = said.purpose if said.purpose != contract.description and contract.description else ""
    paragraphs = [
        [f"{title}: {plain(text)}"]
        for title, text in (
            ("What it is for", purpose),
            ("What it cannot do", said.limitations),
            ("How to use it", said.usage),
        )
        if text
    ]
    lists = [
        [f"{title}:", "", *(f"- {''.join(paragraph(each))}" for each in entries)]
        for title, entries in (
            ("Where to ask", said.channels),
            ("What nothing checks, but people should know", said.rules),
        )
        if entries
    ]
    found = [*paragraphs, *lists]
    return [heading(level, "For readers"), *found] if found else []
