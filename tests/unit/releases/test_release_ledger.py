"""Releases: published one after another, compare-and-set; the last word on a load counts."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.domain import LoadHold, Release, TableRef
from assay.errors import ReleaseConflict, ReleaseError
from assay.releases import ReleaseLedger

AT = datetime(2026, 1, 2, tzinfo=UTC)


def release(number: int, product: str = "p", run_id: str = "r", base: int | None = None) -> Release:
    return Release(
        product=product,
        number=number,
        kind="run",
        run_id=run_id,
        base=number - 1 if base is None else base,
        tables={"gold.t": number * 10},
        rows={"gold.t": 5},
        loads=("l1",),
        reads={},
        fingerprints={},
        contracts={},
        checks={},
        code_revision="",
        code_dirty=False,
        code_tree_hash="",
        published_at_utc=AT,
    )


@pytest.fixture
def ledger(tmp_path: Path) -> ReleaseLedger:
    return ReleaseLedger(tmp_path)


def test_before_the_first_release(ledger: ReleaseLedger) -> None:
    assert ledger.current("p") is None
    assert ledger.all("p") == []
    assert ledger.current_of_all() == {}
    with pytest.raises(ReleaseError, match="'p' has no release") as refused:
        ledger.get("p", 1)
    assert refused.value.todo == "run it first: `assay run p`"


def test_releases_follow_one_another(ledger: ReleaseLedger) -> None:
    for number in (1, 2):
        ledger.publish(release(number))
    ledger.publish(release(1, product="q"))
    assert ledger.all("p") == [release(1), release(2)]
    assert ledger.current("p") == release(2)
    assert ledger.get("p", 1) == release(1)
    assert ledger.current_of_all() == {"p": release(2), "q": release(1, product="q")}
    assert [(r.product, r.number) for r in ledger.everything()] == [("p", 1), ("p", 2), ("q", 1)]


def test_releases_are_in_order_of_their_numbers(ledger: ReleaseLedger) -> None:
    for number in range(1, 12):
        ledger.publish(release(number))
    assert [each.number for each in ledger.all("p")] == list(range(1, 12))
    current = ledger.current("p")
    assert current is not None
    assert current.number == 11


def test_an_unknown_release_names_those_that_are(ledger: ReleaseLedger) -> None:
    ledger.publish(release(1))
    ledger.publish(release(2))
    with pytest.raises(ReleaseError, match=r"'p' has no release 3; it has 1 to 2"):
        ledger.get("p", 3)


@pytest.mark.parametrize("number", [1, 2, 4], ids=["stale base", "taken number", "base ahead"])
def test_a_base_that_is_not_current_conflicts(ledger: ReleaseLedger, number: int) -> None:
    ledger.publish(release(1, run_id="a"))
    ledger.publish(release(2, run_id="b"))
    with pytest.raises(ReleaseConflict, match=f"release {number} of p was not published"):
        ledger.publish(release(number, run_id="late"))
    assert [each.run_id for each in ledger.all("p")] == ["a", "b"]


@pytest.mark.parametrize(("number", "base"), [(3, 0), (1, 1), (0, 0)])
def test_a_number_must_follow_its_base(ledger: ReleaseLedger, number: int, base: int) -> None:
    with pytest.raises(ReleaseError, match=f"release {number} cannot follow {base}"):
        ledger.publish(release(number, base=base))


def test_one_of_two_runs_publishes(ledger: ReleaseLedger, tmp_path: Path) -> None:
    start = threading.Barrier(3)
    outcomes: list[str] = []

    def publish(run_id: str) -> None:
        mine = ReleaseLedger(tmp_path)
        start.wait()
        try:
            mine.publish(release(1, run_id=run_id))
            outcomes.append(run_id)
        except ReleaseConflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=publish, args=(f"r{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[:2] == ["conflict", "conflict"]
    assert [each.run_id for each in ledger.all("p")] == [o for o in outcomes if o != "conflict"]


def test_the_last_word_on_a_load_counts(ledger: ReleaseLedger) -> None:
    word = LoadHold("l1", "p", "withheld", "rolled back", "ada", AT + timedelta(seconds=2))
    earlier = replace(word, action="resumed", at_utc=AT)
    other = replace(word, load_id="l2", at_utc=AT)
    foreign = replace(word, product="q", load_id="l3")
    ledger.hold([earlier, other, foreign])
    ledger.hold([word])
    assert ledger.holds("p") == {"l1": word, "l2": other}


def test_the_last_word_counts_also_where_the_clock_was_set_back(ledger: ReleaseLedger) -> None:
    resumed = LoadHold("l1", "p", "resumed", "", "ada", AT + timedelta(hours=2))
    withheld = replace(resumed, action="withheld", at_utc=AT)
    skipped = replace(resumed, action="skipped", at_utc=AT)
    for word in (resumed, withheld, skipped):
        ledger.hold([word])
        assert ledger.holds("p")["l1"].action == word.action


def test_the_version_of_a_table(ledger: ReleaseLedger) -> None:
    assert release(2).version_of(TableRef.parse("gold.t")) == 20
    assert release(2).version_of(TableRef.parse("gold.u")) is None
