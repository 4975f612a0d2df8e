"""A contract's columns, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from assay.contracts.pages.markdown import Block, blocks, code, heading, plain, table
from assay.domain import Column, Contract, Layer

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "date": "day",
    "timestamp": "point in time",
    "object": "object",
    "array": "list",
}


def columns(contract: Contract, level: int) -> Block:
    """Write the table's columns: type, whether a value must be there, meaning, protection."""
    is_landed = contract.layer is not Layer.GOLD
    header = ("column", "type", "must be there", "what it means", "protection")
    rows = [
        _row(name, each, is_renamed=is_landed)
        for column in contract.columns
        for name, each in _with_parts(column.name, column)
    ]
    absent = _absent(contract) if is_landed else []
    return blocks(heading(level, "Columns"), table(header, rows), absent)


def _with_parts(name: str, column: Column) -> Iterator[tuple[str, Column]]:
    """List a column and all that it is made of, each by the way to it."""
    yield name, column
    for part in column.parts:
        yield from _with_parts(f"{name}.{part.name}", part)


def _row(name: str, column: Column, *, is_renamed: bool) -> tuple[str, ...]:
    meaning = [plain(column.description)] if column.description else []
    if is_renamed and column.physical_name != column.name:
        meaning.append(f"Delivered as {code(column.physical_name)}.")
    protection = [plain(column.classification)] if column.classification else []
    if column.personal_data:
        protection.append("personal data")
    kind = _TYPES.get(column.logical_type, plain(column.logical_type))
    return (
        code(name),
        kind if column.parts else f"{kind} ({code(column.data_type)})",
        _presence(column),
        " ".join(meaning),
        ", ".join(protection),
    )


def _presence(column: Column) -> str:
    if column.key_position is not None:
        return "yes: part of the key"
    return "yes" if column.required else "no"


def _absent(contract: Contract) -> Block:
    shown = [code(text) if text else "the empty one" for text in contract.null_texts]
    if not shown:
        return ["No delivered text means that a value is absent."]
    return [f"A value is absent where the delivered text is {' or '.join(shown)}."]
