"""The released product that tests start from; a module's own ``shop`` stands before this one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from released_shop import BASE, FILES, tables
from small_product import SmallProduct, enter_project, make_small_product


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
def shop(released: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    root = released / "work"
    shutil.rmtree(root)
    shutil.copytree(released / "kept", root)
    return enter_project(root, monkeypatch)
