"""Compile a product's contracts once everything that reads the result would take it."""

from __future__ import annotations

from collections.abc import Iterable

from assay.contracts import CompiledFiles, write_compiled
from assay.domain import Contract
from assay.errors import ContractError
from assay.pipeline.project import Project
from assay.quality import Expectation, find_fault


def compile_product(project: Project, product: str, *, is_dry_run: bool = False) -> CompiledFiles:
    """Bring the compiled files of a product up to its contracts; dry, tell what would be.

    Raises:
        ContractError: a contract cannot be compiled, or writes an expectation that no audit
            could check. Nothing is written then.
    """
    contracts = project.contracts(product)
    _require_known_expectations(contracts)
    return write_compiled(project.settings.project_root, contracts, product, is_dry_run=is_dry_run)


def _require_known_expectations(contracts: Iterable[Contract]) -> None:
    """Ask Great Expectations about expectations that a contract writes itself.

    It is imported only where there is one.
    """
    for contract in contracts:
        for rule in contract.table_rules:
            if not rule.written_at:
                continue
            fault = find_fault(Expectation(contract.table, rule.expectation, rule.arguments))
            if fault:
                raise ContractError(
                    f"the rule '{rule.name}' is an expectation that cannot be checked,"
                    f" {rule.expectation}: {fault}",
                    where=rule.written_at,
                    todo="correct its type or kwargs; the reference of expectations lists what"
                    " is checked, and what to write instead of the others",
                )
