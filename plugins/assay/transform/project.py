"""Runs dbt in process and reads what it knows and what it did."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import TransformError

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_log = logging.getLogger(__name__)

BINDING_VARIABLE = "ASSAY_BINDING_FILE"
_STORED = {"delta", "incremental", "table"}


@dataclass(frozen=True)
class Model:
    """One dbt model. ``layer`` is its schema, ``table`` its name there.

    ``fingerprint`` changes when its SQL, its configuration or a macro that it uses changes.
    ``depends_on`` names the models that it reads, ephemeral ones resolved.
    """

    name: str
    product: str
    folder: str
    layer: str
    table: str
    materialized: str
    fingerprint: str
    depends_on: tuple[str, ...]
    landed: tuple[str, ...]
    description: str
    columns: tuple[tuple[str, str, str], ...]

    @property
    def is_stored(self) -> bool:
        """Whether it leaves a Delta table in the lake."""
        return self.materialized in _STORED


@dataclass(frozen=True)
class ModelResult:
    """How one model ended. ``error`` is empty where it succeeded."""

    name: str
    started_at_utc: datetime
    ended_at_utc: datetime
    error: str
    sql: str


# What this process has parsed, by folder: the signature of the files, and the manifest.
_PARSED: dict[Path, tuple[object, Manifest]] = {}


class DbtProject:
    """A dbt project, parsed once a process for as long as its files stay as they are."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self._target = target

    def models(self) -> dict[str, Model]:
        """Return every model by name.

        Raises:
            TransformError: the project cannot be parsed.
        """
        manifest = self._parsed()
        nodes = [n for n in manifest.nodes.values() if n.resource_type == "model"]
        return {node.name: _model(node, manifest) for node in nodes}

    def select(self, selection: str) -> list[str]:
        """Name the models that a dbt selection means.

        Raises:
            TransformError: the selection cannot be read, or means no model.
        """
        arguments = ["ls", "--resource-type", "model", "--select", *selection.split()]
        result = self._invoke(arguments, self._parsed())
        names = [str(each).rsplit(".", 1)[-1] for each in result or []]
        if not names:
            raise TransformError(
                f"the selection '{selection}' means no model",
                todo="`dbt ls --project-dir dbt_project` lists the models",
            )
        return names

    def run(self, models: Sequence[str], binding: Path) -> list[ModelResult]:
        """Build models in dependency order, reading and writing what the binding says.

        A failed model is a result with an error; models that depend on it are skipped.

        Raises:
            TransformError: dbt could not start.
        """
        arguments = ["run", "--no-write-json", "--select", *models]
        with _environment({BINDING_VARIABLE: str(binding)}):
            run = self._invoke(arguments, self._parsed())
        return [_result(each) for each in run.results]

    def _parsed(self) -> Manifest:
        signature = self._signature()
        known = _PARSED.get(self.folder)
        if known is None or known[0] != signature:
            manifest = self._invoke(["parse"], None)
            known = _PARSED[self.folder] = (signature, manifest)
        return known[1]

    def _signature(self) -> object:
        files = [*self.folder.glob("*.yml")]
        for folder in ("models", "macros", "tests", "seeds", "snapshots"):
            files += (self.folder / folder).rglob("*.*")
        stats = [(str(file), file.stat()) for file in sorted(files) if file.is_file()]
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)

    def _invoke(self, arguments: Sequence[str], manifest: Manifest | None) -> Any:
        from dbt.cli.main import dbtRunner

        # dbt marks the models of a manifest as compiled: each invocation gets its own copy.
        copied = manifest.deepcopy() if manifest else None
        runner = dbtRunner(manifest=copied, callbacks=[_forward])
        with _fresh_adapters():
            result = runner.invoke(
                [
                    *arguments,
                    *("--project-dir", str(self.folder), "--profiles-dir", str(self.folder)),
                    *("--target-path", str(self._target), "--log-level", "none"),
                    *("--log-level-file", "none", "--no-send-anonymous-usage-stats"),
                ]
            )
        if result.result is None or (not result.success and arguments[0] != "run"):
            raise TransformError(
                f"dbt {arguments[0]} failed: {result.exception or 'see its log'}",
                where=str(self.folder.name),
                todo=f"run `dbt {arguments[0]} --project-dir {self.folder.name}"
                f" --profiles-dir {self.folder.name}` to see it whole",
            )
        return result.result


def preload() -> None:
    """Import dbt, so that processes forked later need not."""
    import dbt.adapters.duckdb
    import dbt.cli.main  # noqa: F401


def _forward(event: Any) -> None:
    """Pass dbt's own log on to ours."""
    level = {"error": logging.ERROR, "warn": logging.WARNING}.get(event.info.level, logging.DEBUG)
    _log.log(level, "dbt %s", event.info.msg)


@contextmanager
def _fresh_adapters() -> Iterator[None]:
    """Forget the last invocation's adapter: its DuckDB is bound to other table versions."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    yield
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables for the plugin that dbt loads in this process, then put them back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


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
        landed=tuple(sorted({p.name for p in parents if p.resource_type == "source"})),
        description=node.description,
        columns=tuple((c.name, c.data_type or "", c.description) for c in node.columns.values()),
    )


def _stored_parents(node: Any, manifest: Manifest) -> Iterator[Any]:
    """Yield the models and sources that a model reads, looking through ephemeral ones."""
    for parent_id in node.depends_on.nodes:
        parent = manifest.nodes.get(parent_id) or manifest.sources.get(parent_id)
        if parent is None:
            continue
        if parent.resource_type == "model" and parent.config.materialized == "ephemeral":
            yield from _stored_parents(parent, manifest)
        else:
            yield parent


def _fingerprint(node: Any, manifest: Manifest) -> str:
    """Hash a model's SQL and configuration, its ephemeral parents' and every macro they use."""
    parts = sorted(_texts(node, manifest))
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
    yield from _macro_texts([*node.depends_on.macros, *materializations], manifest, set())
    for parent_id in node.depends_on.nodes:
        parent = manifest.nodes.get(parent_id)
        if parent is not None and getattr(parent.config, "materialized", "") == "ephemeral":
            yield from _texts(parent, manifest)


def _macro_texts(macros: Iterable[str], manifest: Manifest, seen: set[str]) -> Iterator[str]:
    for macro_id in macros:
        macro = manifest.macros.get(macro_id)
        if macro is None or macro_id in seen or macro.package_name.startswith("dbt"):
            continue
        seen.add(macro_id)
        yield macro.macro_sql
        yield from _macro_texts(macro.depends_on.macros, manifest, seen)


def _result(result: Any) -> ModelResult:
    timing = {each.name: each for each in result.timing}
    now = datetime.now(UTC)
    started = getattr(timing.get("compile"), "started_at", None) or now
    ended = getattr(timing.get("execute"), "completed_at", None) or now
    is_success = str(result.status) == "success"
    return ModelResult(
        name=result.node.name,
        started_at_utc=_utc(started),
        ended_at_utc=_utc(ended),
        error="" if is_success else str(result.message or f"ended as {result.status}"),
        sql=result.node.compiled_code or "",
    )


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
