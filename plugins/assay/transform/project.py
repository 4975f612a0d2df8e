"""Runs dbt in process and reads what it knows and what it did."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import AssayError, TransformError
from assay.transform.known_models import KnownModels
from assay.transform.models import DbtTest, Model, read_models
from assay.transform.signature import sign_project
from assay.transform.tests import attach_tests

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_log = logging.getLogger(__name__)

# Commands whose results say what failed.
_REPORTING = ("run", "test", "build")

# What ended dbt as a whole: our error says it, and `--debug` shows where.
_TOLD_BY_OURS = ("MainEncounteredError", "MainStackTrace")

BINDING_VARIABLE = "ASSAY_BINDING_FILE"


@dataclass(frozen=True)
class ModelResult:
    """How one model ended. ``error`` is empty where it succeeded."""

    name: str
    started_at_utc: datetime
    ended_at_utc: datetime
    error: str
    sql: str


@dataclass(frozen=True)
class TestResult:
    """How one test ended: ``status`` is dbt's own (pass, fail, warn, error, skipped).

    ``failures`` counts the rows that it found, ``message`` says what dbt says.
    """

    __test__ = False  # no test of pytest's

    unique_id: str
    status: str
    failures: int
    message: str


# What this process has parsed, by folder: the signature of the files, and the manifest.
_PARSED: dict[Path, tuple[str, Manifest]] = {}


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
        signature = self._signature()
        file = KnownModels(self._target / "assay_models.json")
        found = file.read(signature)
        if found is None:
            manifest = self._parsed(signature)
            found = attach_tests(read_models(manifest), manifest)
            file.write(signature, found)
        return found

    def select(self, selection: str) -> list[str]:
        """Name the models that a dbt selection means, and those that an ephemeral one stands in.

        Raises:
            TransformError: the selection cannot be read, or means no model.
        """
        arguments = ["ls", "--resource-type", "model", "--select", *selection.split()]
        result = self._invoke(arguments, self._parsed(self._signature()))
        names = {str(each).rsplit(".", 1)[-1] for each in result or []}
        if not names:
            raise TransformError(
                f"the selection '{selection}' means no model",
                todo=f"`dbt ls --project-dir {self.folder.name} --profiles-dir {self.folder.name}"
                " --resource-type model` lists the models",
            )
        models = self.models()
        return [name for name in models if name in names or names & set(models[name].inlines)]

    def run(self, models: Sequence[str], binding: Path) -> list[ModelResult]:
        """Build models in dependency order, reading and writing what the binding says.

        A failed model is a result with an error; models that depend on it are skipped.

        Raises:
            TransformError: dbt could not start.
        """
        arguments = ["run", "--select", *models]
        with _environment({BINDING_VARIABLE: str(binding)}):
            run = self._invoke(arguments, self._parsed(self._signature()))
        return [_result(each) for each in run.results]

    def test(self, tests: Sequence[DbtTest], binding: Path) -> dict[str, TestResult]:
        """Run tests against what the binding says; results by the test's unique id.

        Steps that are no tables are built again for the tests that read them.

        Raises:
            TransformError: dbt could not start.
        """
        groups = (
            ("test", [each for each in tests if not each.builds]),
            ("build", [each for each in tests if each.builds and not each.is_unit]),
            ("build", [each for each in tests if each.builds and each.is_unit]),
        )
        found: dict[str, TestResult] = {}
        for command, group in groups:
            if group:
                found |= self._test(command, group, binding)
        return found

    def _test(self, command: str, tests: Sequence[DbtTest], binding: Path) -> dict[str, TestResult]:
        steps = {name for test in tests for name in test.builds}
        if command == "build":
            # dbt tests a unit on its way to build it. As a view it is built in memory only.
            steps |= {test.model for test in tests if test.model}
        as_views = steps if any(test.is_unit for test in tests) else set()
        names = sorted(steps | {test.name for test in tests})
        manifest = self._parsed(self._signature())
        with _environment({BINDING_VARIABLE: str(binding)}):
            run = self._invoke(
                [command, "--indirect-selection", "empty", "--select", *names], manifest, as_views
            )
        wanted = {test.unique_id for test in tests}
        return {
            each.node.unique_id: _test_result(each)
            for each in run.results
            if each.node.unique_id in wanted
        }

    def preload(self) -> None:
        """Parse, so that processes forked later need not. Opens no database.

        Raises:
            TransformError: the project cannot be parsed.
        """
        preload()
        self._parsed(self._signature())

    def _parsed(self, signature: str) -> Manifest:
        known = _PARSED.get(self.folder)
        if known is None or known[0] != signature:
            manifest = self._invoke(["parse"], None)
            known = _PARSED[self.folder] = (signature, manifest)
        return known[1]

    def _signature(self) -> str:
        return sign_project(self.folder, self._target, os.environ)

    def _invoke(
        self,
        arguments: Sequence[str],
        manifest: Manifest | None,
        as_views: Collection[str] = (),
    ) -> Any:
        from dbt.cli.main import dbtRunner

        # dbt marks the models of a manifest as compiled: each invocation gets its own copy.
        copied = manifest.deepcopy() if manifest else None
        for node in copied.nodes.values() if copied else ():
            if node.resource_type == "model" and node.name in as_views:
                node.config.materialized = "view"
        runner = dbtRunner(manifest=copied, callbacks=[_forward])
        with _fresh_adapters():
            result = runner.invoke(
                [
                    *arguments,
                    *("--project-dir", str(self.folder), "--profiles-dir", str(self.folder)),
                    *("--target-path", str(self._target), "--log-level", "none"),
                    *("--log-level-file", "none", "--no-send-anonymous-usage-stats"),
                    "--no-write-json",
                ]
            )
        if isinstance(result.exception, KeyboardInterrupt):
            # dbt takes Ctrl-C for a failure of its own.
            raise result.exception
        if isinstance(result.exception, AssayError):
            # Of the plugin that this dbt loads: it says already what to do.
            raise result.exception
        if result.result is None or (not result.success and arguments[0] not in _REPORTING):
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
    """Pass dbt's own log on to ours; a traceback is for who asks for one."""
    level = {"error": logging.ERROR, "warn": logging.WARNING}.get(event.info.level, logging.DEBUG)
    if event.info.name in _TOLD_BY_OURS:
        level = logging.INFO
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


def _test_result(result: Any) -> TestResult:
    return TestResult(
        unique_id=result.node.unique_id,
        status=str(result.status),
        failures=int(result.failures or 0),
        message=str(result.message or ""),
    )


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
