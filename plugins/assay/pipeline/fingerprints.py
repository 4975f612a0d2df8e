"""What a release was made with: hashes of models, suites and policies, and the code's revision."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.domain import Layer
from assay.pipeline.dbt_tests import tests_of
from assay.pipeline.gate import contracts_by_table
from assay.pipeline.project import Project
from assay.transform import Model

_CODE = ("contracts", "dags", "dbt_project", "expectations", "plugins", "policies")
_SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".json", ".rego"}


@dataclass(frozen=True)
class CodeRevision:
    """Which code ran. ``tree_hash`` covers the files as they are, committed or not."""

    revision: str
    is_dirty: bool
    tree_hash: str


def read_fingerprints(
    project: Project, product: str, models: Mapping[str, Model]
) -> dict[str, str]:
    """Hash what a product's release depends on: by kind and name.

    Keys: ``model:<name>``, ``suite:<name>`` (all that a table is audited for: its
    suite, dbt tests, service levels and watch), ``contract:<table>`` and ``policy``.
    """
    found = {
        f"model:{model.name}": model.fingerprint
        for model in models.values()
        if model.product == product
    }
    for suite in sorted((project.settings.expectations_path / product).glob("*.json")):
        name = suite.name.removesuffix(".json").removesuffix(".own")
        found[f"suite:{name}"] = _hash(
            [found.get(f"suite:{name}", "").encode(), suite.read_bytes()]
        )
    for tested, tests in tests_of(models, product).items():
        key = f"suite:{tested.suite}"
        found[key] = _hash([found.get(key, "").encode(), *(t.fingerprint.encode() for t in tests)])
    for covered, covering in contracts_by_table(project.contracts(product)).items():
        is_judged = covered.layer in (Layer.SILVER, Layer.GOLD)
        if is_judged and (covering.slas or covering.watch):
            key = f"suite:{covered.suite}"
            asked = repr((covering.slas, covering.watch)).encode()
            found[key] = _hash([found.get(key, "").encode(), asked])
    for contract in sorted((project.settings.contracts_path / product).glob("*.odcs.yaml")):
        table = contract.name.removesuffix(".odcs.yaml")
        found[f"contract:{table}"] = _hash([contract.read_bytes()])
    root = project.settings.policies_path
    policies = sorted(root.rglob("*.rego"))
    found["policy"] = _hash(
        part
        for file in policies
        for part in (file.relative_to(root).as_posix().encode(), file.read_bytes())
    )
    return found


def read_revision(root: Path) -> CodeRevision:
    """Tell the code's revision, whether it was changed since, and a hash of what ran."""
    files = sorted(
        path
        for folder in _CODE
        for path in (root / folder).rglob("*")
        if path.suffix in _SUFFIXES and path.is_file() and "target" not in path.parts
    )
    tree_hash = _hash(
        part
        for path in files
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes())
    )
    revision = _git(root, "rev-parse", "HEAD")
    status = _git(root, "status", "--porcelain", "--", *_CODE) if revision else None
    return CodeRevision(revision or "", status != "", tree_hash)


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _hash(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:16]
