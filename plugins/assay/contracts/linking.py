"""Finds the tables that foreign keys lead to, among all contracts of the project."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assay.contracts.references import split_reference
from assay.domain import Column, Contract, Layer, Reference, Relationship
from assay.errors import ContractError

_EXACT_NUMBER = re.compile(r"(?:tinyint|smallint|integer|bigint|decimal\(.*\))")


@dataclass(frozen=True)
class _Known:
    """Where other contracts are found: those of the product, and a reader of any file."""

    folder: Path
    own: Sequence[Contract]
    read: Callable[[Path], Contract]


def link_contracts(
    folder: Path, contracts: Sequence[Contract], read: Callable[[Path], Contract]
) -> tuple[Contract, ...]:
    """Resolve the references of a product's contracts to tables and columns.

    Raises:
        ContractError: one leads to a table or a column that is not there, to one of another
            type, or to a table that the audit cannot see.
    """
    known = _Known(folder, contracts, read)
    return tuple(
        replace(
            contract,
            relationships=tuple(_link(each, contract, known) for each in contract.references),
        )
        for contract in contracts
    )


def _link(reference: Reference, contract: Contract, known: _Known) -> Relationship:
    sides = [_resolve(text, reference, contract, known) for text in reference.to]
    other = sides[0][0]
    if any(each.path != other.path for each, _ in sides):
        raise ContractError(
            f"the relationship '{reference.name}' leads to columns of several tables",
            where=reference.where,
            todo="write one relationship for each table",
        )
    _require_visible(reference, contract, other)
    own = {column.name: column for column in contract.columns}
    for name, (_, column) in zip(reference.columns, sides, strict=True):
        _require_alike(reference, own[name], column, other)
    return Relationship(
        name=reference.name,
        columns=reference.columns,
        product=other.product,
        table=other.main_table,
        other_columns=tuple(column.name for _, column in sides),
        severity=reference.severity,
        description=reference.description,
        is_protected=any(
            column.is_protected
            for column in (*(own[name] for name in reference.columns), *(c for _, c in sides))
        ),
    )


def _resolve(
    text: str, reference: Reference, contract: Contract, known: _Known
) -> tuple[Contract, Column]:
    file, (table, column), is_by_id = split_reference(text, reference.where)
    candidates = [_read_file(file, reference, contract, known)] if file else known.own
    others = [c for c in candidates if table == (_id_of(c) if is_by_id else c.table)]
    if len(others) != 1:
        names = ", ".join(sorted(_id_of(c) if is_by_id else c.table for c in candidates))
        raise ContractError(
            f"'{text}' leads to {'several tables' if others else 'no table'}"
            f" {'with the id' if is_by_id else 'named'} '{table}'",
            where=reference.where,
            todo=f"known here are {names}; a table of another product is named by its file:"
            " ../<product>/<table>.odcs.yaml#/schema/<table>/properties/<column>",
        )
    other = others[0]
    columns = {(c.id or c.name) if is_by_id else c.name: c for c in other.columns}
    if column not in columns:
        raise ContractError(
            f"'{text}' leads to no column of {other.table}",
            where=reference.where,
            todo=f"its columns are {', '.join(columns)}",
        )
    return other, columns[column]


def _id_of(contract: Contract) -> str:
    return contract.schema_id or contract.table


def _read_file(file: str, reference: Reference, contract: Contract, known: _Known) -> Contract:
    """Read the contract that a reference names by its file, as it lies from the one it is in."""
    path = (known.folder / contract.product / file).resolve()
    is_contract = path.name.endswith(".odcs.yaml") and path.parent.parent == known.folder.resolve()
    if "://" in file or not is_contract or not path.is_file():
        raise ContractError(
            f"the reference names the file {file}, which is no contract of this project",
            where=reference.where,
            todo="write it as it lies from this file: ../<product>/<table>.odcs.yaml",
        )
    return known.read(path)


def _require_visible(reference: Reference, contract: Contract, other: Contract) -> None:
    is_later = contract.layer is not Layer.GOLD and other.layer is Layer.GOLD
    if is_later and other.product == contract.product:
        raise ContractError(
            f"the relationship '{reference.name}' leads from a landed table to {other.main_table},"
            " which is not built yet when this one is audited",
            where=reference.where,
            todo="let it lead to the landed table that the gold one is made of, or say it in a"
            " gold contract",
        )


def _require_alike(reference: Reference, own: Column, column: Column, other: Contract) -> None:
    types = own.data_type, column.data_type
    if types[0] != types[1] and not all(_EXACT_NUMBER.fullmatch(each) for each in types):
        raise ContractError(
            f"'{own.name}' is {own.data_type}, but '{column.name}' of {other.table} is"
            f" {column.data_type}",
            where=reference.where,
            todo="give both columns one type",
        )
