"""Work that one process does at a time waits for its turn."""

from __future__ import annotations

import fcntl
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import cast

import pytest

from assay.pipeline import data_docs
from assay.pipeline.locks import take_turn
from assay.pipeline.project import Project
from check_results import make_check


def test_a_turn_begins_when_the_one_before_has_ended(tmp_path: Path) -> None:
    order: list[str] = []

    def follow() -> None:
        with take_turn(tmp_path, "work"):
            order.append("second")

    thread = Thread(target=follow)
    with take_turn(tmp_path, "work"):
        thread.start()
        # However long this is: it cannot end before.
        thread.join(0.2)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_data_docs_are_read_and_rendered_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def note(step: str, found: object) -> object:
        path = tmp_path / "_assay" / "locks" / "_data_docs.lock"
        with path.open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        done.append(step)
        return found

    monkeypatch.setattr(data_docs, "_newest_audits", lambda _: note("read", [[make_check()]]))
    monkeypatch.setattr(data_docs, "_load", lambda *_: ())
    monkeypatch.setattr(data_docs, "render_data_docs", lambda *_: note("rendered", tmp_path))

    data_docs.write_data_docs(cast(Project, SimpleNamespace(lake=tmp_path)))

    assert done == ["read", "rendered"]
