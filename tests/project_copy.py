"""A project of its own for a test: this one's machinery, and none of its products.

``copy_project(folder)`` gives a folder that ``ASSAY_PROJECT`` can name; products are added by
``assay new product`` or by writing their files.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def copy_project(folder: Path) -> Path:
    """Copy macros, dbt's own files and policies into a folder; contracts and models stay out."""
    folder.mkdir(parents=True, exist_ok=True)
    dbt = folder / "dbt_project"
    for part in ("macros", "tests"):
        shutil.copytree(ROOT / "dbt_project" / part, dbt / part)
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy2(ROOT / "dbt_project" / file, dbt / file)
    shutil.copytree(ROOT / "policies", folder / "policies")
    for empty in ("contracts", "dags", "expectations", "dbt_project/models"):
        (folder / empty).mkdir(exist_ok=True)
    return folder


def use_project(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Point the settings of this process at a project, its lake and its deliveries."""
    patch.setenv("ASSAY_PROJECT", str(folder))
    patch.setenv("ASSAY_LAKE", "lake")
    patch.setenv("ASSAY_DELIVERIES", "deliveries")
    patch.setenv("ASSAY_LOCK_WAIT_SECONDS", "1")
    for name in ("ASSAY_ENVIRONMENT", "ASSAY_LINEAGE_URL", "ASSAY_WEBHOOK_URL", "OPA_URL"):
        patch.setenv(name, "")


def deliver(folder: Path, name: str, text: str) -> Path:
    """Put a file into a project's deliveries, as ``shop/orders/first.csv``."""
    file = folder / "deliveries" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
