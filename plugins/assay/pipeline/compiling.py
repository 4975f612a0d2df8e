"""Compile a product's contracts once everything that reads the result would take it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assay.contracts import (
    CompiledFiles,
    list_compiled_products,
    list_products,
    write_compiled,
)
from assay.domain import LOAD_COLUMNS, Contract, Layer, RowRule, TableRule
from assay.errors import ContractError
from assay.pipeline.project import Project
from assay.quality import (
    Expectation,
    RuleTrial,
    find_fault,
    open_trial,
    require_fitting_names,
    written_suites,
)
from assay.storage import open_connection

# Where a contract says a pattern.
_PATTERNS = (".logicalTypeOptions.pattern", ".arguments.pattern")


def products_to_compile(project: Project) -> tuple[str, ...]:
    """Name the products that have contracts, and those of which there is no more than compiled
    files or own suites.
    """
    found = {*list_products(project.settings.contracts_path), *_products_without_contract(project)}
    return tuple(sorted(found))


def _products_without_contract(project: Project) -> set[str]:
    settings = project.settings
    own = {path.parent.name for path in settings.expectations_path.glob("*/*.own.json")}
    found = {*list_compiled_products(settings.project_root), *own}
    return found - {*list_products(settings.contracts_path)}


def compile_product(project: Project, product: str, *, is_dry_run: bool = False) -> CompiledFiles:
    """Bring the compiled files of a product up to its contracts; dry, tell what would be.

    Of a product whose contracts are gone all compiled files are removed.

    Raises:
        ContractError: a contract cannot be compiled, or writes SQL or an expectation that no
            run could check. Nothing is written then.
        QualityError: a team's own suite belongs to no table. Nothing is written then.
    """
    is_gone = product in _products_without_contract(project)
    contracts = () if is_gone else project.contracts(product)
    _require_known_expectations(contracts)
    _require_sound_sql(contracts)
    root = project.settings.project_root
    found = write_compiled(root, contracts, product, is_dry_run=True)
    _require_fitting_names(project, product, found)
    return found if is_dry_run else write_compiled(root, contracts, product)


def _require_fitting_names(project: Project, product: str, found: CompiledFiles) -> None:
    """Hold the names of own suites against the suites that there are once ``found`` is done."""
    expectations = project.settings.expectations_path
    folder = expectations / product
    written = {path.stem for path in found.written if path.parent == folder}
    removed = {path.stem for path in found.removed if path.parent == folder}
    suites = written_suites(expectations, product) | written
    require_fitting_names(expectations, product, suites - removed)


def _require_known_expectations(contracts: Iterable[Contract]) -> None:
    """Ask Great Expectations about expectations that a contract writes itself.

    It is imported only where there is one.
    """
    for contract in contracts:
        for rule in contract.table_rules:
            if not rule.is_own:
                continue
            fault = find_fault(_expectation(contract, rule))
            if fault:
                raise ContractError(
                    f"the rule '{rule.name}' is an expectation that cannot be checked,"
                    f" {rule.expectation}: {fault}",
                    where=rule.written_at,
                    todo="correct its type or kwargs; the reference of expectations lists what"
                    " is checked, and what to write instead of the others",
                )


def _require_sound_sql(contracts: Iterable[Contract]) -> None:
    """Ask DuckDB about the SQL that contracts write or that follows from them."""
    with open_connection() as connection:
        for contract in contracts:
            columns = {column.name: column.data_type for column in contract.columns}
            columns |= {} if contract.layer is Layer.GOLD else LOAD_COLUMNS
            with open_trial(connection, columns) as trial:
                for rule, fault in _find_faults(contract, trial):
                    raise ContractError(
                        f"the rule '{rule.name}' is SQL that DuckDB does not take: {fault}",
                        where=rule.written_at,
                        todo=_todo(rule, columns),
                    )


def _todo(rule: RowRule | TableRule, columns: Iterable[str]) -> str:
    if rule.written_at.endswith(_PATTERNS):
        return "write it as RE2 takes it, which looks neither around nor back, or as a row rule"
    return f"correct it; it speaks of this table alone: {', '.join(columns)}"


def _find_faults(contract: Contract, trial: RuleTrial) -> Iterator[tuple[RowRule | TableRule, str]]:
    for row_rule in contract.row_rules:
        if fault := trial.find_predicate_fault(row_rule.predicate):
            yield row_rule, fault
    for rule in contract.table_rules:
        expectation = _expectation(contract, rule)
        is_figure = rule.figure_unit is not None
        if expectation.query_on("table") and (
            fault := trial.find_query_fault(expectation, is_figure=is_figure)
        ):
            yield rule, fault


def _expectation(contract: Contract, rule: TableRule) -> Expectation:
    return Expectation(contract.table, rule.expectation, rule.arguments)
