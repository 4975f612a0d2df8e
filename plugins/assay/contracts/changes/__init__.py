"""What has changed between two versions of a project's contracts, and for whom that breaks."""

from assay.contracts.changes.change import Change, Party, Step
from assay.contracts.changes.compare import ContractDiff, compare_contracts
from assay.contracts.changes.source import ContractSource, read_source

__all__ = [
    "Change",
    "ContractDiff",
    "ContractSource",
    "Party",
    "Step",
    "compare_contracts",
    "read_source",
]
