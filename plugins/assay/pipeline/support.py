"""Until when tables are served: what a run says of it before the policies refuse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from assay.domain import Contract


def support_warnings(contracts: Iterable[Contract], today: date) -> tuple[str, ...]:
    """Say of which tables the support ends, has ended, or should have a stated end."""
    found = ((contract, _warning(contract, today)) for contract in contracts)
    return tuple(f"{contract.path}: {text}" for contract, text in found if text)


def _warning(contract: Contract, today: date) -> str:
    end = contract.end_of_support
    if end is None:
        return "it is deprecated without an endOfSupport" if contract.is_deprecated else ""
    if end < today:
        return f"its support ended on {end}: no release may hold it; remove model and contract"
    if contract.is_deprecated:
        left = (end - today).days
        return f"it is deprecated and served until {end} ({left} {'day' if left == 1 else 'days'})"
    return ""
