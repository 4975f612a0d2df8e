from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

from assay.lineage.event_file import append_lines


def _append_many(path: Path, writer: int) -> None:
    for number in range(200):
        pad = "x" * (number * 97 % 30_000)
        line = json.dumps({"writer": writer, "number": number, "pad": pad}).encode()
        append_lines(path, [line, line])


def test_lines_of_four_processes_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_append_many, args=(path, n)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    seen = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((each["writer"], each["number"]) for each in seen) == sorted(
        (writer, number) for writer in range(4) for number in range(200) for _ in range(2)
    )


def test_a_torn_line_is_kept_apart_from_what_follows(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"whole": 1}\n{"torn": ')
    append_lines(path, [b'{"whole": 2}'])
    assert path.read_bytes() == b'{"whole": 1}\n{"torn": \n{"whole": 2}\n'


def test_no_lines_make_no_file(tmp_path: Path) -> None:
    append_lines(tmp_path / "folder" / "events.ndjson", [])
    assert list(tmp_path.iterdir()) == []
