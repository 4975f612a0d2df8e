"""Where small products work, and the released one that tests start from.

A module's own ``shop`` stands before the one here.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from kept_product import KeptProduct, keep_product
from released_shop import BASE, FILES, tables
from small_product import SmallProduct


@pytest.fixture(scope="session")
def product_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("products")


@pytest.fixture
def product_folder(product_folders: Path) -> Path:
    """A folder without files, in the same place for each test: dbt parses what is new there."""
    folder = product_folders / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> KeptProduct:
    """A product whose first release holds BASE."""

    def begin(shop: SmallProduct) -> None:
        for table, text in FILES.items():
            shop.deliver(table, "a.csv", text)
        assert shop.release().number == 1
        assert tables(shop) == BASE

    return keep_product(tmp_path_factory.mktemp("shop"), begin)


@pytest.fixture
def shop(released: KeptProduct, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    return released.put_back(monkeypatch)
