"""Several processes write one plain lake at once, and some of them are killed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from deltalake import DeltaTable

from assay.errors import ConcurrentWrite
from assay.storage import (
    WriteMode,
    WriteRequest,
    clean_table,
    current_version,
    open_connection,
    write_table,
)

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 4
MACROS = ROOT / "dbt_project" / "macros" / "delta"


def write(path: Path, query: str, mode: WriteMode, transaction: str = "") -> None:
    with open_connection(threads="1") as connection:
        request = WriteRequest(
            path,
            "t",
            f"({query})",
            mode,
            current_version(path),
            lambda: None,
            keys=("id",),
            transaction=transaction,
            is_shared=True,
        )
        write_table(connection, request)


def work(path: Path, writer: int, steps: int, done: Path) -> None:
    """Append a row a step, by a name of its own; merge into own rows now and then."""
    for step in range(steps):
        row = f"select {writer * 1000 + step}::bigint as id, {writer} as writer, 0 as turn"
        name = f"run/{writer}/{step}"
        write(path, row, WriteMode.APPEND, name)
        if step % 3 == 0:
            merged = row.replace("0 as turn", f"{step + 1} as turn")
            while True:
                try:
                    write(path, merged, WriteMode.MERGE, name + "/merge")
                    break
                except ConcurrentWrite:
                    time.sleep(random.uniform(0, 0.05))
        with done.open("a") as file:
            file.write(f"{writer * 1000 + step}\n")


def run_writers(path: Path, steps: int, kills: int, done: Path) -> None:
    """Run writers at once; kill some, and start each killed one again from its first step."""
    context = multiprocessing.get_context("spawn")

    def start(writer: int) -> multiprocessing.process.BaseProcess:
        process = context.Process(target=work, args=(path, writer, steps, done))
        process.start()
        return process

    processes = {writer: start(writer) for writer in range(1, WRITERS + 1)}
    for _ in range(kills):
        time.sleep(random.uniform(0.4, 1.5))
        alive = [w for w, process in processes.items() if process.is_alive()]
        if not alive:
            break
        victim = random.choice(alive)
        pid = processes[victim].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        processes[victim].join()
        processes[victim] = start(victim)
    for process in processes.values():
        process.join()
        assert process.exitcode == 0


@pytest.mark.parametrize(
    ("steps", "kills"),
    [(6, 3), pytest.param(60, 40, marks=pytest.mark.soak)],
    ids=["small", "soak"],
)
def test_writers_that_are_killed_lose_and_repeat_nothing(
    tmp_path: Path, steps: int, kills: int
) -> None:
    path = tmp_path / "t"
    write(path, "select 0::bigint as id, 0 as writer, 0 as turn", WriteMode.OVERWRITE)
    run_writers(path, steps, kills, tmp_path / "done")
    with open_connection(threads="1") as connection:
        rows = connection.execute(f"select id, turn from delta_scan('{path}')").fetchall()
        wanted = {(0, 0)} | {
            (writer * 1000 + step, step + 1 if step % 3 == 0 else 0)
            for writer in range(1, WRITERS + 1)
            for step in range(steps)
        }
        assert Counter(rows) == Counter(wanted)
        version = current_version(path)
        assert version is not None
        clean_table(path, [version])
        live = {Path(uri).name for uri in DeltaTable(str(path)).file_uris()}
        assert {file.name for file in path.glob("*.parquet")} == live
        again = connection.execute(f"select id, turn from delta_scan('{path}')").fetchall()
        assert Counter(again) == Counter(wanted)


PROJECT = f"""name: shop
profile: shop
macro-paths: [macros, {MACROS}]
"""
PROFILE = """shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: ":memory:"
      threads: 2
      plugins: [{module: assay.dbt.plugin, alias: assay, config: {lake: LAKE}}]
"""
MODELS = {
    "base.sql": "{{ config(materialized='table') }} select i as id from range(100) r(i)",
    "log.sql": (
        "{{ config(materialized='incremental', incremental_strategy='append') }}"
        " select '{{ invocation_id }}' as run, count(*) as n from {{ ref('base') }}"
    ),
    "shown.sql": "{{ config(materialized='view') }} select * from {{ ref('log') }}",
}


def test_two_builds_of_one_project_at_once(tmp_path: Path) -> None:
    for copy in ("one", "two"):
        folder = tmp_path / copy
        (folder / "models").mkdir(parents=True)
        (folder / "dbt_project.yml").write_text(PROJECT)
        (folder / "profiles.yml").write_text(PROFILE.replace("LAKE", str(tmp_path / "lake")))
        for name, sql in MODELS.items():
            (folder / "models" / name).write_text(sql)
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--log-level", "warn"]

    def build(copy: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=tmp_path / copy,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    assert build("one").wait() == 0
    builds = [build("one"), build("two")]
    outputs = [each.communicate()[0] for each in builds]
    assert [each.returncode for each in builds] == [0, 0], outputs
    with open_connection(threads="1") as connection:
        log = tmp_path / "lake" / "main" / "log"
        rows = connection.execute(
            f"select count(*), count(distinct run), min(n), max(n) from delta_scan('{log}')"
        ).fetchone()
    assert rows == (3, 3, 100, 100)
