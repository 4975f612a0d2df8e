"""Which tests a dbt project has, and which table each of them speaks of."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from assay.domain import Severity
from assay.transform.models import DbtTest, Model, macro_texts, variables_asked

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_log = logging.getLogger(__name__)

_FOLDERS = ("bronze", "silver", "gold")
# Tests that are compiled from a contract stand in such a folder. The table's suite, compiled
# from the same rules, checks them at the version that is released; here they would run twice.
_COMPILED = "compiled"


def attach_tests(models: Mapping[str, Model], manifest: Manifest) -> dict[str, Model]:
    """Give each stored model the tests that speak of its table.

    A test of a view or an ephemeral model speaks of the next table of its layer that is made
    from it, else of the last one that it is made from.
    """
    found: dict[str, list[DbtTest]] = {}
    for node in _test_nodes(manifest):
        parents = [p for p in _parent_names(node, manifest) if p in models]
        home = _home(_main_parent(node, parents, models, manifest), models)
        if home is None:
            _log.warning("dbt_test_without_table test=%s", node.name)
            continue
        found.setdefault(home, []).append(_test(node, parents, models, manifest))
    return {
        name: replace(model, tests=tuple(sorted(found.get(name, ()), key=lambda t: t.unique_id)))
        for name, model in models.items()
    }


def _test_nodes(manifest: Manifest) -> Iterator[Any]:
    for node in manifest.nodes.values():
        folders = PurePath(node.original_file_path).parts[:-1]
        if node.resource_type == "test" and _COMPILED not in folders:
            yield node
    for unit_test in manifest.unit_tests.values():
        if unit_test.config.enabled:
            yield unit_test


def _test(
    node: Any, parents: Iterable[str], models: Mapping[str, Model], manifest: Manifest
) -> DbtTest:
    is_unit = node.resource_type == "unit_test"
    # A unit test's cases stand in for what its model reads: of that it needs the columns only.
    needed = [*parents, *models[node.model].depends_on] if is_unit else parents
    reads, builds = _split_parents([name for name in needed if name in models], models)
    text = _unit_text(node, models) if is_unit else _data_text(node, manifest)
    severity = "error" if is_unit else str(node.config.severity)
    return DbtTest(
        unique_id=node.unique_id,
        name=node.name,
        is_unit=is_unit,
        column="" if is_unit else str(getattr(node, "column_name", None) or ""),
        severity=Severity.WARNING if severity.lower() == "warn" else Severity.CRITICAL,
        description=" ".join((node.description or "").split()),
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:16],
        reads=reads,
        builds=builds,
        model=node.model if is_unit else "",
    )


def _data_text(node: Any, manifest: Manifest) -> str:
    kwargs = node.test_metadata.kwargs if getattr(node, "test_metadata", None) else {}
    config = [kwargs, node.unrendered_config, node.config.to_dict()]
    texts = [node.raw_code, json.dumps(config, sort_keys=True, default=str)]
    texts += sorted(macro_texts(node.depends_on.macros, manifest, set()))
    return "\0".join([*texts, *variables_asked(texts, manifest)])


def _unit_text(node: Any, models: Mapping[str, Model]) -> str:
    """A unit test needs no data: what it finds depends on its cases and on the code alone.

    The code of what the model reads is part of that: the cases are cast to its columns' types.
    """
    model = models[node.model]
    read = [models[name].fingerprint for name in model.depends_on if name in models]
    return "\0".join([str(node.checksum), model.fingerprint, *read])


def _parent_names(node: Any, manifest: Manifest) -> list[str]:
    found = [manifest.nodes.get(each) for each in node.depends_on.nodes]
    return [each.name for each in found if each is not None and each.resource_type == "model"]


def _main_parent(
    node: Any, parents: list[str], models: Mapping[str, Model], manifest: Manifest
) -> str:
    """The model that a test is written for; of a query by hand, the last one by layer and name."""
    if node.resource_type == "unit_test":
        return str(node.model)
    attached = manifest.nodes.get(getattr(node, "attached_node", None) or "")
    if attached is not None:
        return str(attached.name)
    return max(parents, key=lambda name: (_position(models[name]), name), default="")


def _home(name: str, models: Mapping[str, Model]) -> str | None:
    model = models.get(name)
    if model is None or model.is_stored:
        return name if model else None
    later = [
        each
        for each in models.values()
        if (each.product, each.folder) == (model.product, model.folder)
        and name in _all_parents(each.name, models)
    ]
    after = sorted((len(_all_parents(e.name, models)), e.name) for e in later if e.is_stored)
    if after:
        return after[0][1]
    before = [p for p in _all_parents(name, models) if models[p].is_stored]
    return max(before, key=lambda each: (_position(models[each]), each), default=None)


def _split_parents(
    parents: Iterable[str], models: Mapping[str, Model]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables that a test reads, and the steps before it that are no tables."""
    reads: set[str] = set()
    builds: set[str] = set()
    waiting = list(parents)
    while waiting:
        model = models[waiting.pop()]
        if model.is_stored:
            reads.add(model.name)
        elif model.name not in builds:
            builds.add(model.name)
            waiting += [name for name in model.depends_on if name in models]
    is_built = {name for name in builds if models[name].materialized != "ephemeral"}
    return tuple(sorted(reads)), tuple(sorted(is_built))


def _all_parents(name: str, models: Mapping[str, Model]) -> set[str]:
    found: set[str] = set()
    waiting = [*models[name].depends_on, *models[name].inlines]
    while waiting:
        parent = waiting.pop()
        if parent in models and parent not in found:
            found.add(parent)
            waiting += [*models[parent].depends_on, *models[parent].inlines]
    return found


def _position(model: Model) -> int:
    return _FOLDERS.index(model.folder) if model.folder in _FOLDERS else -1
