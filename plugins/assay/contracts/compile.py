"""Writes everything that is compiled from contracts, or tells what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.contracts.models import compile_models
from assay.contracts.pages import compile_pages
from assay.contracts.properties import compile_properties
from assay.contracts.suites import compile_suites
from assay.domain import Contract, Layer

_MARK = "by `assay contracts compile`"
_SUITE_MARK = '"compiled_from"'


@dataclass(frozen=True)
class CompiledFiles:
    """Which files a compilation wrote, found stale and removed, or left as they were."""

    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    unchanged: int


def compile_contracts(contracts: Iterable[Contract]) -> dict[str, str]:
    """Compile contracts to file texts by path, relative to the project's root.

    A page that lists a product's tables lists those that are given.
    """
    covered = tuple(contracts)
    return _compile_checks(covered) | compile_pages(covered)


def _compile_checks(contracts: Iterable[Contract]) -> dict[str, str]:
    """Compile what a run uses: suites, models and their YAML."""
    files: dict[str, str] = {}
    for contract in contracts:
        for table, suite in compile_suites(contract).items():
            files[f"expectations/{contract.product}/{table.suite}.json"] = suite
        models = compile_models(contract) if contract.layer is not Layer.GOLD else {}
        for path, text in (models | compile_properties(contract)).items():
            files[f"dbt_project/models/{path}"] = text
    return files


def write_compiled(
    root: Path, contracts: Iterable[Contract], product: str, *, is_dry_run: bool = False
) -> CompiledFiles:
    """Bring a product's compiled files up to its contracts; hand-written files are not touched.

    With ``is_dry_run`` nothing is written: the result tells what would be.
    """
    files = {root / path: text for path, text in compile_contracts(contracts).items()}
    found = [*_compiled_checks(root, product), *_compiled_pages(root, product)]
    stale, changed = _differing(files, found)
    if not is_dry_run:
        for path in changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        for path in stale:
            path.unlink()
    return CompiledFiles(tuple(changed), tuple(stale), len(files) - len(changed))


def list_compiled_products(root: Path) -> tuple[str, ...]:
    """Name the products of which compiled files are there, whether or not they have contracts."""
    folders = [root / "expectations", root / "docs" / "contracts"]
    folders += (root / "dbt_project" / "models").glob("*")
    names = {each.name for folder in folders for each in folder.glob("*") if each.is_dir()}
    found = (name for name in names if _compiled_checks(root, name) or _compiled_pages(root, name))
    return tuple(sorted(found))


def differing_checks(root: Path, contracts: Iterable[Contract], product: str) -> CompiledFiles:
    """Tell which files that a run uses are not as the contracts say; pages are for people."""
    files = {root / path: text for path, text in _compile_checks(contracts).items()}
    stale, changed = _differing(files, _compiled_checks(root, product))
    return CompiledFiles(tuple(changed), tuple(stale), len(files) - len(changed))


def _differing(files: Mapping[Path, str], found: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files that no contract says any more, and those that say something else."""
    stale = [path for path in found if path not in files]
    return stale, [path for path, text in files.items() if _read(path) != text]


def _compiled_pages(root: Path, product: str) -> list[Path]:
    pages = (root / "docs" / "contracts" / product).glob("*.md")
    return [page for page in pages if _MARK in _read(page)[:300]]


def _compiled_checks(root: Path, product: str) -> list[Path]:
    found = []
    for folder in (root / "dbt_project" / "models").glob(f"*/{product}"):
        files = [*folder.rglob("*.sql"), *folder.rglob("*.yml")]
        found += [file for file in files if _MARK in _read(file)[:300]]
    suites = (root / "expectations" / product).glob("*.json")
    return [*found, *(file for file in suites if _SUITE_MARK in _read(file)[:300])]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
