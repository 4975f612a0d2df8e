"""A small product at a point that many tests start from: got there once, put back for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_product import ENTITIES, SmallProduct, enter_project, make_small_product


@dataclass(frozen=True)
class KeptProduct:
    """The folder where the product works, and a copy of it as it was at that point."""

    work: Path
    kept: Path

    def put_back(self, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
        """Bring the product back to that point, and point Assay at it."""
        shutil.rmtree(self.work)
        shutil.copytree(self.kept, self.work)
        return enter_project(self.work, monkeypatch)


def keep_product(
    folder: Path,
    begin: Callable[[SmallProduct], object],
    tables: Sequence[str] = tuple(ENTITIES),
) -> KeptProduct:
    """Make a product of these tables in a folder, let it begin, and keep what is there then."""
    product = KeptProduct(folder / "work", folder / "kept")
    with pytest.MonkeyPatch.context() as patch:
        begin(make_small_product(product.work, patch, tables))
    shutil.copytree(product.work, product.kept)
    return product
