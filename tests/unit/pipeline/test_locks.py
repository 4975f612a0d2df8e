"""Work that one process does at a time waits for its turn."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from assay.pipeline.locks import take_turn


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
