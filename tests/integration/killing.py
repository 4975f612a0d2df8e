"""Runs in processes of their own that kill themselves at a chosen write, and what is left then.

Processes are forked from a server that has imported everything and opened nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_PRELOADED = [
    "assay.pipeline",
    "assay.dbt.plugin",
    "assay.quality.validation",
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "great_expectations",
    "killing",
    "small_product",
]
VARIABLES = (
    "ASSAY_PROJECT",
    "ASSAY_LAKE",
    "ASSAY_DELIVERIES",
    "ASSAY_THREADS",
    "ASSAY_LOCK_WAIT_SECONDS",
)

# When rows landed differs from run to run.
_TIMES = ("_ingested_at", "_first_seen_at")

State = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """How a process ended: what its function returned, or the error's class and text."""

    value: Any
    error: str
    exit_code: int


class Child:
    """A process that has begun; :meth:`end` waits for it."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._end, inner = context.Pipe(duplex=False)
        environ = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        self.process = context.Process(target=_work, args=(inner, environ, function, arguments))
        self.process.start()
        inner.close()

    def end(self, timeout_seconds: float = 120) -> Ended:
        value, error = None, ""
        try:
            if self._end.poll(timeout_seconds):
                value, error = self._end.recv()
        except EOFError:
            pass
        self.process.join(timeout_seconds)
        return Ended(
            value, error, self.process.exitcode if self.process.exitcode is not None else 1
        )


def in_child(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a function in a process of its own and return what it returns."""
    ended = Child(function, *arguments).end()
    if ended.error or ended.exit_code:
        raise AssertionError(f"the process ended with {ended.exit_code}: {ended.error}")
    return ended.value


def _work(
    end: Connection,
    environ: Mapping[str, str],
    function: Callable[..., Any],
    arguments: Sequence[Any],
) -> None:
    os.environ.update(environ)
    try:
        end.send((function(*arguments), ""))
    except Exception as error:
        end.send((None, f"{type(error).__name__}: {error}\n{traceback.format_exc()}"))


class KillSwitch:
    """Counts the process's writes; kills the process at the one chosen.

    A position counts from 0, before and after each write; or it names a label and how many of
    them are reached. Before a text file is written whole, half of it is.
    """

    def __init__(self, position: int | tuple[str, int] | None) -> None:
        self.position = position
        self.labels: list[str] = []

    def wrap(self, owner: Any, name: str, label: str = "") -> None:
        original = getattr(owner, name)
        described = label or name

        def counted(*arguments: Any, **named: Any) -> Any:
            self._reach(f"before {described}", original, arguments)
            result = original(*arguments, **named)
            self._reach(f"after {described}", original, arguments)
            return result

        setattr(owner, name, counted)

    def _reach(self, label: str, original: Any, arguments: Sequence[Any]) -> None:
        self.labels.append(label)
        if self.position in (len(self.labels) - 1, (label, self.labels.count(label))):
            if label == "before write_text":
                path, text = arguments[:2]
                original(path, text[: len(text) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        """Wrap everything by which a run changes what is on the disk."""
        import deltalake.table
        from deltalake import DeltaTable

        import assay.lineage.event_file
        import assay.pipeline.store
        import assay.records.table
        import assay.storage.commit
        import assay.storage.write

        self.wrap(assay.records.table, "write_deltalake", "record appended")
        self.wrap(DeltaTable, "create", "record table created")
        self.wrap(deltalake.table.TableMerger, "execute", "merge")
        self.wrap(DeltaTable, "restore")
        self.wrap(DeltaTable, "create_write_transaction", "append commit")
        self.wrap(assay.storage.commit, "create_table_with_add_actions", "overwrite commit")
        self.wrap(assay.storage.write, "copy_rows", "data files")
        self.wrap(assay.pipeline.store, "_note_candidate", "candidate noted")
        self.wrap(Path, "replace", "rename")
        self.wrap(Path, "write_text")
        self.wrap(Path, "unlink")
        self.wrap(shutil, "rmtree")


def run_killed(position: int | tuple[str, int] | None) -> list[str]:
    """Run the product, and die at a position; return the labels of all where there is none."""
    from small_product import PRODUCT

    from assay.config import read_settings
    from assay.pipeline import open_project, run_product

    switch = KillSwitch(position)
    switch.arm()
    run_product(open_project(read_settings()), PRODUCT)
    return switch.labels


def resume_fresh() -> None:
    """Run the product anew, as the next `assay run` does."""
    from small_product import PRODUCT

    from assay.config import read_settings
    from assay.pipeline import open_project, run_product

    run_product(open_project(read_settings()), PRODUCT)


def resume_same_run() -> None:
    """Take up the newest run stage by stage, as a scheduler that retries its tasks does."""
    from small_product import PRODUCT

    from assay.config import read_settings
    from assay.domain import Layer
    from assay.pipeline import (
        audit_layer,
        build_layer,
        open_project,
        pass_gate,
        publish_run,
        run_product,
        start_run,
    )

    project = open_project(read_settings())
    runs = project.records.runs_of(PRODUCT)
    current = project.releases.current(PRODUCT)
    if runs and (current is None or runs[-1].fence > _fence_of(runs, current.run_id)):
        run_id = runs[-1].run_id
        start_run(project, PRODUCT, run_id)
        for layer in (Layer.BRONZE, Layer.SILVER, Layer.GOLD):
            build_layer(project, run_id, layer)
            audit_layer(project, run_id, layer)
        pass_gate(project, run_id)
        publish_run(project, run_id)
    elif runs and current is not None and current.run_id == runs[-1].run_id:
        assert publish_run(project, current.run_id) == current
    run_product(open_project(read_settings()), PRODUCT)


def _fence_of(runs: Sequence[Any], run_id: str) -> int:
    return next((run.fence for run in runs if run.run_id == run_id), 0)


def read_state() -> State:
    """Everything that readers and auditors see of the product's current release, as values."""
    from small_product import PRODUCT

    from assay.config import read_settings
    from assay.pipeline import open_project, open_reader

    project = open_project(read_settings())
    release = project.releases.current(PRODUCT)
    if release is None:
        return {"release": 0}
    state: State = {"release": release.number, "tables": {}}
    with open_reader(project) as connection:
        for table in sorted(release.tables):
            layer, name = table.split(".")
            columns = [c[0] for c in connection.execute(f'describe {layer}."{name}"').fetchall()]
            names = ", ".join(f'"{c}"' for c in columns if c not in _TIMES)
            rows = connection.execute(f'select {names} from {layer}."{name}"').fetchall()
            state["tables"][table] = sorted(map(repr, rows))
    state["rows"] = {table: len(rows) for table, rows in state["tables"].items()}
    assert state["rows"] == dict(release.rows)
    loads = {load.load_id: load for load in project.loads.all(PRODUCT)}
    state["loads"] = sorted((id_, loads[id_].source_name) for id_ in release.loads)
    state["balances"] = sorted(
        (b.load_id, b.landed, b.accepted, b.quarantined, b.deduplicated, b.superseded)
        for b in project.records.balances_of(release.run_id)
    )
    return state
