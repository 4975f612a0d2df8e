"""Record tables: every type round-trips, one insert wins, nothing is lost by compaction."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from deltalake import DeltaTable

from assay.domain import (
    Candidate,
    CheckResult,
    CheckStatus,
    GateRecord,
    Load,
    LoadBalance,
    LoadHold,
    LoadStatus,
    Release,
    Run,
    Severity,
    Stage,
    StageEvent,
    StageState,
)
from assay.errors import StorageError
from assay.records import RecordTable

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

LOAD = Load(
    "l1", "p", "t", LoadStatus.REFUSED, "s", "it's", AT, AT, "ab", 2**40, -1, "x", ("a", "b"),
    ("first", "second"), "a \"reason\"\n",
)  # fmt: skip
RUN = Run(
    "r1", "p", 2, 0, (), ("m",), ("m",), (), {"other": 3}, {"m": "f"}, "abc", True, "def", AT, "+m"
)
EVENT = StageEvent("r1", "p", Stage.AUDIT_GOLD, StageState.NOTHING_TO_DO, AT, "ü", "code")
CANDIDATE = Candidate("r1", "p", "gold.t", 1, "t", 5, 4, "merge", AT)
CHECK = CheckResult(
    "r1", "p", "gold.t", 1, "t", "unique", "id", Severity.WARNING, CheckStatus.ERRORED,
    "3", "0", 3, 9, "m", AT,
)  # fmt: skip
BALANCE = LoadBalance("r1", "p", "t", "l1", 6, 1, 2, 3, 0, 0)
GATE = GateRecord("r1", "p", False, "embedded", ("a",), ("no",), {"gold.t": 1}, AT)
RELEASE = Release(
    "p", 1, "run", "r1", 0, {"gold.t": 1}, {"gold.t": 5}, ("l1",), {}, {"m": "f"},
    {"t": "1.0.0"}, {"passed": 3}, "abc", False, "def", AT,
)  # fmt: skip
HOLD = LoadHold("l1", "p", "skipped", "why", "who", AT)
RECORDS = [LOAD, RUN, EVENT, CANDIDATE, CHECK, BALANCE, GATE, RELEASE, HOLD]


@dataclass(frozen=True)
class Note:
    """A record with one field of each kind, some of them optional."""

    key: str
    number: int
    ratio: float | None = None
    is_done: bool = False
    at_utc: datetime | None = None
    severity: Severity | None = None
    words: tuple[str, ...] = ()
    counts: Mapping[str, int] | None = None


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: type(each).__name__)
def test_a_record_comes_back_equal(tmp_path: Path, record: object) -> None:
    table = RecordTable(tmp_path, "notes", type(record))
    table.append([record])
    assert table.read() == [record]


@pytest.mark.parametrize(
    "note",
    [
        Note("all absent", 0),
        Note("all there", -(2**63), 0.1, True, AT, Severity.INFO, ("", "x"), {"ü": 1}),
        Note("empty mapping", 2**63 - 1, counts={}),
    ],
    ids=lambda note: note.key,
)
def test_optional_fields_come_back_equal(tmp_path: Path, note: Note) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    table.append([note])
    assert table.read() == [note]


def test_times_come_back_in_utc(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    table.append([Note("a", 1, at_utc=AT.astimezone(timezone(timedelta(hours=5))))])
    found = table.read()[0].at_utc
    assert (found, found and found.tzinfo) == (AT, UTC)


def test_a_type_that_cannot_be_recorded_is_refused(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Bytes:
        content: bytes

    with pytest.raises(TypeError, match="a record cannot hold"):
        RecordTable(tmp_path, "bytes", Bytes)


def test_nothing_recorded_reads_as_nothing(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    table.append([])
    assert table.read() == []
    assert not table.exists()
    assert not table.path.exists()


def test_a_field_that_came_later_has_its_default(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Older:
        key: str
        number: int

    RecordTable(tmp_path, "notes", Older).append([Older("old", 1)])
    table = RecordTable(tmp_path, "notes", Note)
    assert table.read() == [Note("old", 1)]
    table.append([Note("new", 2, words=("x",))])
    assert {each.key: each.words for each in table.read()}["new"] == ("x",)
    assert {each.key: each for each in table.read()}["old"] == Note("old", 1)


@pytest.mark.parametrize(
    ("conditions", "keys"),
    [
        ([{}], ["it's", 'a "b"', "' or 'x' = 'x", "\\", "ü"]),
        ([{"key": "it's"}], ["it's"]),
        ([{"key": "' or 'x' = 'x"}], ["' or 'x' = 'x"]),
        ([{"key": 'a "b"'}, {"key": "ü"}], ['a "b"', "ü"]),
        ([{"key": "\\"}], ["\\"]),
        ([{"key": "it's", "number": 7}], []),
        ([{"number": 1}, {"number": 2}], ['a "b"', "' or 'x' = 'x"]),
        ([], []),
    ],
)
def test_conditions(
    tmp_path: Path, conditions: Sequence[Mapping[str, str | int]], keys: list[str]
) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    names = ["it's", 'a "b"', "' or 'x' = 'x", "\\", "ü"]
    table.append([Note(name, number) for number, name in enumerate(names)])
    assert sorted(note.key for note in table.read_any(conditions)) == sorted(keys)


def test_a_record_is_inserted_once(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    assert table.insert_if_absent(Note("it's", 1), ["key"])
    assert not table.insert_if_absent(Note("it's", 2), ["key"])
    assert table.insert_if_absent(Note("it's", 2), ["key", "number"])
    assert sorted(note.number for note in table.read()) == [1, 2]


def test_one_of_many_threads_inserts(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    start = threading.Barrier(4)
    won: list[int] = []

    def insert(number: int) -> None:
        start.wait()
        if RecordTable(tmp_path, "notes", Note).insert_if_absent(Note("a", number), ["key"]):
            won.append(number)

    threads = [threading.Thread(target=insert, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert [note.number for note in table.read()] == won


_RACER = """
import sys, time
from pathlib import Path
from assay.domain import LoadHold
from assay.records import RecordTable
from datetime import UTC, datetime
lake, me = Path(sys.argv[1]), sys.argv[2]
table = RecordTable(lake, "holds", LoadHold)
(lake / f"ready-{me}").touch()
while not (lake / "go").exists():
    time.sleep(0.001)
hold = LoadHold("l1", "p", "skipped", "", me, datetime(2026, 1, 1, tzinfo=UTC))
print(table.insert_if_absent(hold, ["load_id"]))
"""


def test_one_of_several_processes_inserts(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, str(tmp_path), str(me)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for me in range(3)
    ]
    while len(list(tmp_path.glob("ready-*"))) < len(racers):
        assert all(racer.poll() is None for racer in racers)
    (tmp_path / "go").touch()
    answers = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert sorted(answers) == ["False", "False", "True"]
    found = RecordTable(tmp_path, "holds", LoadHold).read()
    assert [hold.actor for hold in found] == [str(answers.index("True"))]


def test_compaction_keeps_every_record(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    for number in range(40):
        table.append([Note("a", number)])
    files = DeltaTable(str(table.path)).file_uris()
    assert len(files) < 20
    assert sorted(note.number for note in table.read()) == list(range(40))
    assert table.insert_if_absent(Note("a", 40), ["number"])
    assert not table.insert_if_absent(Note("a", 39), ["number"])


def test_what_others_write_is_read(tmp_path: Path) -> None:
    table, other = (RecordTable(tmp_path, "notes", Note) for _ in range(2))
    table.append([Note("a", 0)])
    assert [note.number for note in table.read()] == [0]
    for number in range(1, 70):  # beyond checkpoints and compactions
        other.append([Note("a", number)])
        if number % 10 == 0:
            assert sorted(note.number for note in table.read()) == list(range(number + 1))
    table.append([Note("a", 70)])
    assert sorted(note.number for note in other.read(key="a")) == list(range(71))


def test_what_a_reader_does_with_its_records_is_its_own(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    table.append([Note("a", 1)])
    table.read().clear()
    assert table.read() == [Note("a", 1)]


def test_records_put_back_from_a_copy_are_read(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    table.append([Note("a", 1)])
    shutil.copytree(table.path, tmp_path / "kept")
    table.append([Note("a", 2)])
    assert len(table.read()) == 2
    shutil.rmtree(table.path)
    assert table.read() == []
    shutil.copytree(tmp_path / "kept", table.path)
    assert table.read() == [Note("a", 1)]
    table.append([Note("a", 3)])
    assert sorted(note.number for note in table.read()) == [1, 3]


def test_records_that_cannot_be_read_say_where(tmp_path: Path) -> None:
    table = RecordTable(tmp_path, "notes", Note)
    table.append([Note("a", 1)])
    for file in table.path.glob("*.parquet"):
        file.unlink()
    with pytest.raises(StorageError, match="records could not be read") as caught:
        table.read()
    assert caught.value.where == str(table.path)


def test_records_that_cannot_be_written_say_where(tmp_path: Path) -> None:
    (tmp_path / "_assay").write_text("a file where a folder should be")
    table = RecordTable(tmp_path, "notes", Note)
    with pytest.raises(StorageError, match="records could not be written") as caught:
        table.append([Note("a", 1)])
    assert caught.value.where == str(table.path)
