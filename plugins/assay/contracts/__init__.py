"""Contracts: ODCS files in, and out of them suites, dbt models, row rules and pages."""

from assay.contracts.compile import (
    CompiledFiles,
    compile_contracts,
    differing_checks,
    list_compiled_products,
    write_compiled,
)
from assay.contracts.models import compile_models, staging_model, staging_scaffold
from assay.contracts.pages import describe_contract
from assay.contracts.reader import list_products, read_contract, read_contracts

__all__ = [
    "CompiledFiles",
    "compile_contracts",
    "compile_models",
    "describe_contract",
    "differing_checks",
    "list_compiled_products",
    "list_products",
    "read_contract",
    "read_contracts",
    "staging_model",
    "staging_scaffold",
    "write_compiled",
]
