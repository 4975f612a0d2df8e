"""Makes ``tests/stubs`` importable, and runs the Vault stub."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from stubs.vault_stub import VaultStub, run_vault_stub


@pytest.fixture
def vault_stub() -> Iterator[VaultStub]:
    with run_vault_stub() as stub:
        yield stub
