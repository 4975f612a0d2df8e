"""What dbt knows of its models, read from a manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.domain import Severity

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_STORED = {"delta", "incremental", "table"}
# Packages that come with dbt. A package of macros may have a name like theirs: dbt_utils.
_OF_DBT = {"dbt", "dbt_duckdb"}
_VAR = re.compile(r"\bvar\s*[.(]")
_ENV_VAR = re.compile(r"\benv_var\s*\(")


@dataclass(frozen=True)
class DbtTest:
    """One data test or unit test, as a part of its table's audit.

    ``reads`` names the stored models that it depends on, ``builds`` the views and scratch steps
    that are built again for it. ``fingerprint`` changes when the test changes; a unit test's also
    with the code of ``model``, which it tests.
    """

    unique_id: str
    name: str
    is_unit: bool
    column: str
    severity: Severity
    description: str
    fingerprint: str
    reads: tuple[str, ...]
    builds: tuple[str, ...]
    model: str = ""


@dataclass(frozen=True)
class Model:
    """One dbt model. ``layer`` is its schema, ``table`` its name there.

    ``fingerprint`` changes when its SQL, its configuration or a macro that it uses changes; where
    one of these asks for a ``var``, also with dbt_project.yml, and for an ``env_var`` with those.
    ``depends_on`` names the models that it reads, ephemeral ones resolved; ``inlines`` names
    those, whose SQL stands in its own. ``unbuilt`` says which seeds and snapshots it reads.
    ``tests`` are those that speak of its table.
    """

    name: str
    product: str
    folder: str
    layer: str
    table: str
    materialized: str
    fingerprint: str
    depends_on: tuple[str, ...]
    inlines: tuple[str, ...]
    landed: tuple[str, ...]
    description: str
    columns: tuple[tuple[str, str, str], ...]
    unbuilt: tuple[str, ...] = ()
    tests: tuple[DbtTest, ...] = ()

    @property
    def is_stored(self) -> bool:
        """Whether it leaves a Delta table in the lake."""
        return self.materialized in _STORED


def read_models(manifest: Manifest) -> dict[str, Model]:
    """Return every model of a manifest by name."""
    nodes = [n for n in manifest.nodes.values() if n.resource_type == "model"]
    return {node.name: _model(node, manifest) for node in nodes}


def _model(node: Any, manifest: Manifest) -> Model:
    parents = list(_stored_parents(node, manifest))
    return Model(
        name=node.name,
        product=node.fqn[2] if len(node.fqn) > 3 else "",
        folder=node.fqn[1],
        layer=node.schema,
        table=node.alias,
        materialized=node.config.materialized,
        fingerprint=_fingerprint(node, manifest),
        depends_on=tuple(sorted({p.name for p in parents if p.resource_type == "model"})),
        inlines=tuple(sorted({parent.name for parent in _inlined(node, manifest)})),
        landed=tuple(sorted({p.name for p in parents if p.resource_type == "source"})),
        description=node.description,
        columns=tuple((c.name, c.data_type or "", c.description) for c in node.columns.values()),
        unbuilt=tuple(
            sorted(
                f"{parent.resource_type} {parent.name}"
                for parent in parents
                if parent.resource_type not in ("model", "source")
            )
        ),
    )


def _stored_parents(node: Any, manifest: Manifest) -> Iterator[Any]:
    """Yield the models and sources that a model reads, looking through ephemeral ones."""
    for reader in (node, *_inlined(node, manifest)):
        for parent_id in reader.depends_on.nodes:
            parent = manifest.nodes.get(parent_id) or manifest.sources.get(parent_id)
            if parent is not None and not _is_ephemeral(parent):
                yield parent


def _inlined(node: Any, manifest: Manifest) -> Iterator[Any]:
    """Yield the ephemeral models that stand in a model's SQL, at any depth."""
    for parent_id in node.depends_on.nodes:
        parent = manifest.nodes.get(parent_id)
        if parent is not None and _is_ephemeral(parent):
            yield parent
            yield from _inlined(parent, manifest)


def _is_ephemeral(node: Any) -> bool:
    return getattr(node.config, "materialized", "") == "ephemeral"


def _fingerprint(node: Any, manifest: Manifest) -> str:
    """Hash a model's SQL and configuration, its ephemeral parents' and every macro they use."""
    parts = sorted(
        text for each in (node, *_inlined(node, manifest)) for text in _texts(each, manifest)
    )
    parts += variables_asked(parts, manifest)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _texts(node: Any, manifest: Manifest) -> Iterator[str]:
    config = {
        key: value
        for key, value in node.unrendered_config.items()
        if key not in ("meta", "tags", "docs")
    }
    yield node.raw_code + json.dumps(config, sort_keys=True, default=str)
    stored_by = f"materialization_{node.config.materialized}_"
    materializations = [key for key in manifest.macros if key.split(".")[-1].startswith(stored_by)]
    yield from macro_texts([*node.depends_on.macros, *materializations], manifest, set())


def macro_texts(macros: Iterable[str], manifest: Manifest, seen: set[str]) -> Iterator[str]:
    """Yield the text of macros and of all that they call; those that come with dbt are left out."""
    for macro_id in macros:
        macro = manifest.macros.get(macro_id)
        if macro is None or macro_id in seen or macro.package_name in _OF_DBT:
            continue
        seen.add(macro_id)
        yield macro.macro_sql
        yield from macro_texts(macro.depends_on.macros, manifest, seen)


def variables_asked(texts: Iterable[str], manifest: Manifest) -> list[str]:
    """Write what decides on the variables that code asks for: whole, for their names may be code.

    ``vars`` stand in the dbt_project.yml of the project and of its packages. The environment's are
    all that any file of the project asks for.
    """
    code = "\0".join(texts)
    found = []
    if _VAR.search(code):
        projects = sorted(manifest.state_check.project_hashes.items())
        found.append(repr([(name, each.checksum) for name, each in projects]))
    if _ENV_VAR.search(code):
        of_project = manifest.state_check.project_env_vars_hash.checksum
        found.append(repr((of_project, sorted(manifest.env_vars.items()))))
    return found
