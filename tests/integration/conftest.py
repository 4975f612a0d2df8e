"""The released product that tests start from; a module's own ``shop`` stands before this one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from released_shop import BASE, FILES, tables
from small_product import SmallProduct, make_small_product


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose first release holds BASE; kept aside, put back before each test."""
    root = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        shop = make_small_product(root / "work", patch)
        for table, text in FILES.items():
            shop.deliver(table, "a.csv", text)
        assert shop.release().number == 1
        assert tables(shop) == BASE
    shutil.copytree(root / "work", root / "kept")
    return root


@pytest.fixture
def shop(released: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallProduct]:
    root = released / "work"
    shutil.rmtree(root)
    shutil.copytree(released / "kept", root)
    for variable in ("OPA_URL", "VAULT_ADDR", "ASSAY_LINEAGE_URL", "ASSAY_BINDING_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("ASSAY_PROJECT", str(root))
    monkeypatch.setenv("ASSAY_LAKE", str(root / "lake"))
    monkeypatch.setenv("ASSAY_DELIVERIES", str(root / "deliveries"))
    monkeypatch.setenv("ASSAY_THREADS", "1")
    monkeypatch.setenv("ASSAY_LOCK_WAIT_SECONDS", "0.2")
    yield SmallProduct(root)
