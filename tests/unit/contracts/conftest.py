"""A folder of contracts."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract_files import ContractFolder


@pytest.fixture
def contracts(tmp_path: Path) -> ContractFolder:
    return ContractFolder(tmp_path / "contracts")
