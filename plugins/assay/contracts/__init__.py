"""Contracts: ODCS files in, and out of them suites, dbt models and row rules."""

from assay.contracts.compile import CompiledFiles, compile_contracts, write_compiled
from assay.contracts.models import staging_model, staging_scaffold
from assay.contracts.reader import list_products, read_contract, read_contracts

__all__ = [
    "CompiledFiles",
    "compile_contracts",
    "list_products",
    "read_contract",
    "read_contracts",
    "staging_model",
    "staging_scaffold",
    "write_compiled",
]
