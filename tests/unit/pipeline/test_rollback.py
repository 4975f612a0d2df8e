"""Rolling back and holding loads, on a lake of records with one tiny table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from assay.config import Settings, read_settings
from assay.domain import Load, LoadStatus, Release, Run, TableRef
from assay.errors import ReleaseError, RunSuperseded, StorageError
from assay.pipeline import rollback
from assay.pipeline.load_holds import list_loads, resume_loads, skip_load
from assay.pipeline.locks import check_fence, product_lock, read_holder, write_fence
from assay.pipeline.pending import sort_loads
from assay.pipeline.project import Project
from assay.pipeline.rollback import roll_back
from assay.releases import ReleaseLedger

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TABLE = TableRef.parse("gold.fct_orders")
FIRST, SECOND, REFUSED, BEHIND = (f"shop-{n:06d}-abcdef01" for n in range(1, 5))


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for folder in ("contracts", "dbt_project"):
        (tmp_path / folder).mkdir()
    settings: Settings = read_settings({"ASSAY_PROJECT": str(tmp_path)})
    ticks = count()
    project = Project(settings, lambda: START + timedelta(seconds=next(ticks)))
    for version in range(2):
        rows = pa.table({"n": list(range(version + 1))})
        write_deltalake(str(project.table_path(TABLE)), rows, mode="overwrite")
    for load in (
        _load(FIRST, "1.csv"),
        _load(SECOND, "2.csv"),
        _load(REFUSED, "3.csv", LoadStatus.REFUSED),
        _load(BEHIND, "4.csv"),
    ):
        project.loads.record(load)
    first = _release(1, 0, (FIRST,))
    project.releases.publish(first)
    project.releases.publish(_release(2, 1, (FIRST, SECOND)))
    return project


def _load(load_id: str, name: str, status: LoadStatus = LoadStatus.LANDED) -> Load:
    return Load(
        load_id=load_id,
        product="shop",
        table="orders",
        status=status,
        source="shop",
        source_name=name,
        delivered_at_utc=START,
        landed_at_utc=START,
        sha256="abcdef01",
        size_bytes=1,
        row_count=1,
        landed_path="landing/x",
        columns=("n",),
    )


def _release(number: int, version: int, loads: tuple[str, ...]) -> Release:
    return Release(
        product="shop",
        number=number,
        kind="publish",
        run_id=f"run-{number}",
        base=number - 1,
        tables={str(TABLE): version},
        rows={str(TABLE): version + 1},
        loads=loads,
        reads={},
        fingerprints={"model:fct_orders": f"v{version}"},
        contracts={},
        checks={"passed": 1},
        code_revision="abc",
        code_dirty=False,
        code_tree_hash="def",
        published_at_utc=START,
    )


def _run(fence: int, loads: tuple[str, ...]) -> Run:
    return Run(
        run_id=f"manual__{fence}",
        product="shop",
        fence=fence,
        base_release=2,
        load_ids=loads,
        models=(),
        rebuild=(),
        audits=(),
        pins={},
        fingerprints={},
        code_revision="",
        code_dirty=False,
        code_tree_hash="",
        started_at_utc=START,
    )


def _start(project: Project, run: Run) -> None:
    with product_lock(project.lake, "shop", run.run_id, 0.1):
        write_fence(project.lake, "shop", run.fence)
        project.records.runs.append([run])


def dispositions(project: Project) -> dict[str, str]:
    return {each.load.load_id: each.disposition for each in list_loads(project, "shop")}


def test_a_rollback_publishes_the_manifest_again(project: Project) -> None:
    done = roll_back(project, "shop", to=1, reason="bad amounts", actor="ada")

    current = project.releases.current("shop")
    assert current is not None
    target = project.releases.get("shop", 1)
    assert current == replace(
        target,
        number=3,
        base=2,
        kind="rollback",
        run_id=current.run_id,
        published_at_utc=current.published_at_utc,
    )
    assert (done.withheld, done.differs) == ((SECOND,), ("model:fct_orders",))
    hold = project.releases.holds("shop")[SECOND]
    assert (hold.action, hold.actor) == ("withheld", "ada")
    assert hold.reason == "rolled back to release 1: bad amounts"
    assert dispositions(project)[SECOND] == "withheld"


def test_what_is_released_while_it_waits_goes_back_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def lock_after_another(*arguments: Any) -> Iterator[None]:
        """Another run publishes just before this one gets the lock."""
        monkeypatch.setattr(rollback, "product_lock", product_lock)
        project.releases.publish(_release(3, 1, (FIRST, SECOND, BEHIND)))
        with product_lock(*arguments):
            yield

    monkeypatch.setattr(rollback, "product_lock", lock_after_another)
    done = roll_back(project, "shop", to=1, reason="bad amounts", actor="ada")

    assert (done.release.number, done.release.base) == (4, 3)
    assert (done.replaced.number, done.withheld) == (3, (SECOND, BEHIND))
    assert dispositions(project)[BEHIND] == dispositions(project)[SECOND] == "withheld"


def test_a_rollback_supersedes_an_unfinished_run(project: Project) -> None:
    _start(project, _run(1, (SECOND,)))

    roll_back(project, "shop", to=1, reason="x", actor="ada")

    with pytest.raises(RunSuperseded):
        check_fence(project.lake, "shop", "manual__1", 1)


def test_killed_before_publishing_nothing_has_changed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(self: ReleaseLedger, release: Release) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ReleaseLedger, "publish", kill)
        with pytest.raises(Killed):
            roll_back(project, "shop", to=1, reason="x", actor="ada")

    current = project.releases.current("shop")
    assert current is not None
    assert current.number == 2
    pending = sort_loads(
        project.loads.all("shop"), set(current.loads), project.releases.holds("shop")
    )
    assert (pending.ready, pending.withheld) == ((), ())

    roll_back(project, "shop", to=1, reason="x", actor="ada")
    assert dispositions(project)[SECOND] == "withheld"


def test_rolling_forward_again_contains_the_loads_again(project: Project) -> None:
    roll_back(project, "shop", to=1, reason="x", actor="ada")
    done = roll_back(project, "shop", to=2, reason="it was right", actor="ada")
    assert done.withheld == ()
    assert dispositions(project)[SECOND] == "released"


@pytest.mark.parametrize(
    ("number", "message"),
    [(2, "is the current one: there is nothing to roll back"), (9, "has no release 9")],
)
def test_a_rollback_to_nowhere_is_refused(project: Project, number: int, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        roll_back(project, "shop", to=number, reason="x", actor="ada")
    assert project.records.runs_of("shop") == []


def test_a_release_whose_files_are_gone_is_refused(project: Project) -> None:
    project.releases.publish(replace(_release(3, 1, (FIRST,)), tables={str(TABLE): 1}))
    log = project.table_path(TABLE) / "_delta_log" / f"{0:020d}.json"
    log.unlink()
    with pytest.raises(StorageError, match="at version 0 cannot be opened"):
        roll_back(project, "shop", to=1, reason="x", actor="ada")
    assert project.releases.current("shop") == project.releases.get("shop", 3)


def test_every_load_has_one_disposition(project: Project) -> None:
    assert dispositions(project) == {
        FIRST: "released",
        SECOND: "released",
        REFUSED: "refused",
        BEHIND: "held back",
    }


def test_skipping_a_refused_load_frees_those_behind_it(project: Project) -> None:
    assert skip_load(project, REFUSED, reason="wrong", actor="ada").source_name == "3.csv"
    assert dispositions(project)[REFUSED] == "skipped"
    assert dispositions(project)[BEHIND] == "ready"


def test_a_skipped_load_can_be_resumed(project: Project) -> None:
    skip_load(project, BEHIND, reason="wrong", actor="ada")
    assert [x.load_id for x in resume_loads(project, "shop", [BEHIND], actor="ada")] == [BEHIND]
    assert dispositions(project)[BEHIND] == "held back"


def test_skipping_supersedes_the_unfinished_run_that_took_the_load(project: Project) -> None:
    _start(project, _run(5, (BEHIND,)))
    skip_load(project, BEHIND, reason="wrong", actor="ada")
    with pytest.raises(RunSuperseded):
        check_fence(project.lake, "shop", "manual__5", 5)


@pytest.mark.parametrize(
    ("load", "message"),
    [
        ("shop-000009-abcdef01", "there is no load 'shop-000009-abcdef01' of shop"),
        ("zzz", "^there is no load 'zzz'\n"),
        (FIRST, "is in release 2 of shop already"),
    ],
)
def test_a_skip_that_cannot_be(project: Project, load: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        skip_load(project, load, reason="x", actor="ada")


def test_only_withheld_and_skipped_loads_are_resumed(project: Project) -> None:
    with pytest.raises(ReleaseError, match="is released: only a withheld or a skipped one"):
        resume_loads(project, "shop", [FIRST], actor="ada")
    assert resume_loads(project, "shop", [], actor="ada") == []


def test_the_holder_of_the_lock_is_named_while_it_holds_it(project: Project) -> None:
    assert read_holder(project.lake, "shop") == ""
    with product_lock(project.lake, "shop", "run-7", 0.1):
        assert read_holder(project.lake, "shop") == "run-7"
    assert read_holder(project.lake, "shop") == ""
