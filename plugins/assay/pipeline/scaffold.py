"""A new product: contracts, models, suites and a DAG that run to a release as they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.config import Settings
from assay.contracts import (
    compile_contracts,
    read_contracts,
    staging_model,
    staging_scaffold,
)
from assay.domain import Contract, Layer
from assay.errors import PolicyError, SettingsError
from assay.pipeline.scaffold_guess import ColumnDraft, TableDraft, example_table, guess_table
from assay.pipeline.scaffold_texts import dag_text, entity_text, gold_model_text, gold_text
from assay.policy import EmbeddedEngine, decide

_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# As in PostgreSQL; files and folders are named after two of them.
_LONGEST_NAME = 63
# Words that commands use in a product's place.
_RESERVED = {"latest", "list", "resume", "show", "skip"}


@dataclass(frozen=True)
class Scaffold:
    """A product that was made: its files, its landed tables, its example gold table."""

    product: str
    files: tuple[Path, ...]
    tables: tuple[TableDraft, ...]
    gold: str


def scaffold_product(
    settings: Settings, product: str, tables: Mapping[str, Path | None], *, owner: str
) -> Scaffold:
    """Write the files of a new product; where one cannot be written none is left.

    Args:
        tables: the landed tables by name, each with a CSV file to guess its columns from. None
            at all makes one table of the product's name.
        owner: who answers for the data.

    Raises:
        SettingsError: a name cannot be used, or files of the product are there already.
        SourceError: a CSV file cannot be read.
    """
    wanted = tables or {product: None}
    _check_names(product, wanted)
    _check_free(settings.project_root, product)
    drafts = [
        guess_table(name, file) if file else example_table(name) for name, file in wanted.items()
    ]
    gold = _choose_gold_name(settings, product, drafts[0].name)
    personal = find_personal(settings.policies_path, [c for each in drafts for c in each.columns])
    files = _Files(settings.project_root)
    try:
        for draft in drafts:
            text = entity_text(product, draft, owner, personal)
            files.write(f"contracts/{product}/{draft.name}.odcs.yaml", text)
        files.write(
            f"contracts/{product}/{gold}.odcs.yaml",
            gold_text(product, gold, drafts[0], owner, personal),
        )
        contracts = read_contracts(settings.contracts_path, product)
        _write_models(files, contracts, product, gold, drafts[0])
        files.write(f"dags/{product}.py", dag_text(product))
    except BaseException:
        files.remove_all()
        raise
    return Scaffold(product, tuple(files.written), tuple(drafts), gold)


def find_personal(policies: Path, columns: Sequence[ColumnDraft]) -> frozenset[str]:
    """Name the columns that the project's own policies would want declared as personal data."""
    names = sorted({column.name for column in columns})
    declared = [{"name": n, "personal_data": False, "classification": ""} for n in names]
    table = {
        "table": "gold.draft",
        "layer": "gold",
        "version": 0,
        "published": True,
        "columns": names,
        "contract": {"columns": declared, "owner": "draft"},
        "checks": [],
    }
    try:
        decision = decide(
            EmbeddedEngine(timeout_seconds=20), policies, "publish", {"tables": [table]}
        )
    except PolicyError:
        return frozenset()
    return frozenset(
        name
        for name in names
        if any(f"gold.draft.{name}: it looks personal" in each for each in decision.denials)
    )


class _Files:
    """Files that are written together: all of them, or none."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: list[Path] = []
        self.written: list[Path] = []

    def write(self, path: str, text: str) -> None:
        file = self._root / path
        missing = [folder for folder in file.parents if not folder.exists()]
        file.parent.mkdir(parents=True, exist_ok=True)
        self._folders += reversed(missing)
        with file.open("x", encoding="utf-8") as opened:
            self.written.append(file)
            opened.write(text)

    def remove_all(self) -> None:
        for file in self.written:
            file.unlink(missing_ok=True)
        for folder in reversed(self._folders):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _write_models(
    files: _Files, contracts: Sequence[Contract], product: str, gold: str, draft: TableDraft
) -> None:
    for path, text in compile_contracts(contracts).items():
        files.write(path, text)
    for contract in contracts:
        if contract.layer is not Layer.GOLD:
            name = f"{staging_model(contract)}.sql"
            files.write(f"dbt_project/models/silver/{product}/{name}", staging_scaffold(contract))
    files.write(f"dbt_project/models/gold/{product}/{gold}.sql", gold_model_text(product, draft))


def _check_names(product: str, tables: Collection[str]) -> None:
    for kind, name in (("product", product), *(("table", table) for table in tables)):
        is_name = _IDENTIFIER.fullmatch(name) and len(name) <= _LONGEST_NAME
        if not is_name or (kind == "product" and name in _RESERVED):
            raise SettingsError(
                f"'{name}' cannot name a {kind}: expected at most {_LONGEST_NAME} lower-case"
                " letters, digits and single underscores, starting with a letter, and none of"
                f" {', '.join(sorted(_RESERVED))}",
                todo=f"choose another name for the {kind}",
            )


def _check_free(root: Path, product: str) -> None:
    places = [root / "contracts" / product, root / "expectations" / product]
    places += [root / "docs" / "contracts" / product]
    places += [root / "dbt_project" / "models" / layer / product for layer in ("bronze", "silver")]
    places += [root / "dbt_project" / "models" / "gold" / product, root / "dags" / f"{product}.py"]
    taken = [place for place in places if place.is_file() or (place.is_dir() and _has_files(place))]
    if taken:
        raise SettingsError(
            f"there is a product '{product}' already: nothing was written",
            where=", ".join(str(place.relative_to(root)) for place in taken),
            todo="choose another name, or remove these by hand",
        )


def _has_files(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*"))


def _choose_gold_name(settings: Settings, product: str, table: str) -> str:
    """Name the gold table so that no other table of the project has its name."""
    for name in (f"fct_{table}", f"fct_{product}_{table}"):
        contracts = list(settings.contracts_path.glob(f"*/{name}.odcs.yaml"))
        models = list((settings.dbt_project_path / "models").rglob(f"{name}.sql"))
        if not contracts and not models:
            return name
    raise SettingsError(
        f"fct_{table} and fct_{product}_{table} are both taken",
        todo="choose another name for the table",
    )
