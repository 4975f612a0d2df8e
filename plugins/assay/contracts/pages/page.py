"""One page for each contract, and one that lists a product's."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from assay.contracts.pages.columns import columns
from assay.contracts.pages.markdown import Block, blocks, code, heading, paragraph, plain, table
from assay.contracts.pages.origin import deliveries, whereabouts
from assay.contracts.pages.readers import readers
from assay.contracts.pages.rules import conditions, row_rules, table_rules
from assay.contracts.pages.service import migration_notes, service_levels, watched
from assay.domain import Contract, Layer

_INDEX = "README"


def compile_pages(contracts: Iterable[Contract]) -> dict[str, str]:
    """Write the pages of products' contracts, by path relative to the project's root."""
    pages: dict[str, str] = {}
    by_product = groupby(sorted(contracts, key=lambda c: c.product), key=lambda c: c.product)
    for product, group in by_product:
        own = sorted(group, key=lambda c: c.table)
        folder = f"docs/contracts/{product}"
        pages[f"{folder}/{_INDEX}.md"] = _text(f"contracts/{product}", _index(product, own))
        for contract in own:
            lines = blocks(describe_contract(contract, 1), conditions(contract, 2))
            pages[f"{folder}/{contract.table}.md"] = _text(contract.path, lines)
    return pages


def describe_contract(contract: Contract, level: int) -> Block:
    """Write what a contract says in plain words: Markdown with headings from a level on."""
    below = level + 1
    return blocks(
        heading(level, code(contract.table)),
        paragraph(_described(contract) or "The contract does not describe the table."),
        _summary(contract),
        *readers(contract, below),
        whereabouts(contract, below),
        columns(contract, below),
        row_rules(contract, below),
        table_rules(contract, below),
        service_levels(contract, below),
        watched(contract, below),
        deliveries(contract, below),
        migration_notes(contract, below),
    )


def _described(contract: Contract) -> str:
    return contract.description or contract.for_people.purpose


def _text(source: str, lines: Block) -> str:
    note = f"<!-- Compiled from {source} by `assay contracts compile`: edit the contract. -->"
    return "\n".join(blocks([note], lines)) + "\n"


def _index(product: str, contracts: list[Contract]) -> Block:
    return blocks(
        heading(1, f"The tables of {code(product)}"),
        *(
            block
            for title, is_gold in (("Published", True), ("Delivered", False))
            if (rows := [_entry(c) for c in contracts if (c.layer is Layer.GOLD) is is_gold])
            for block in (
                heading(2, title),
                table(("table", "what it holds", "owner", "version"), rows),
            )
        ),
    )


def _entry(contract: Contract) -> tuple[str, ...]:
    return (
        f"[{code(contract.table)}]({contract.table}.md)",
        plain(_described(contract)),
        plain(contract.owner),
        f"{plain(contract.version)}, {plain(contract.status)}",
    )


def _summary(contract: Contract) -> Block:
    rows = {
        "one row is": plain(contract.grain) or "not stated",
        "key": ", ".join(map(code, contract.key)) or "none: rows may be alike",
        "owner": plain(contract.owner) or "not stated",
        "version": f"{plain(contract.version)}, {plain(contract.status)}",
        "served until": _served_until(contract),
        "personal data": ", ".join(code(c.name) for c in contract.columns if c.personal_data)
        or "none is declared",
    }
    if contract.tags:
        rows["tags"] = ", ".join(map(plain, contract.tags))
    return table(("product", code(contract.product)), rows.items())


def _served_until(contract: Contract) -> str:
    if contract.end_of_support is not None:
        return f"{contract.end_of_support}; afterwards no release may hold it"
    return "not stated, though it is deprecated" if contract.is_deprecated else "no end is stated"
