"""Rows that people settled: they take no part in silver, and replays take their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pytest
from compiled_entity import CompiledEntity, Delivery, TextRow, Where, make_contract
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.domain import DeliveryMode

COLUMNS = {"k": "varchar", "value": "integer", "at": "integer"}
APPEND, UPSERT, SNAPSHOT = DeliveryMode.APPEND, DeliveryMode.UPSERT, DeliveryMode.SNAPSHOT
FIRST, SECOND = "shop-000001", "shop-000002"


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


rows = st.tuples(
    st.sampled_from(["a", "b"]), st.sampled_from(["1", "2", "x"]), st.sampled_from(["1", "2", ""])
)
batches = st.lists(st.lists(rows, max_size=4), min_size=1, max_size=4)


def mend(row: TextRow) -> TextRow:
    return tuple("7" if text == "x" else text for text in row)


@pytest.mark.parametrize("ordering", ["", "at"])
@settings(max_examples=50)
@given(delivered=batches, sent_after=st.integers(0, 4))
def test_rows_mended_at_any_time_end_as_if_they_had_been_right_from_the_start(
    connection: duckdb.DuckDBPyConnection,
    ordering: str,
    delivered: list[list[TextRow]],
    sent_after: int,
) -> None:
    contract = make_contract(COLUMNS, UPSERT, ("k",), ordering)
    delivered = _tell_apart(delivered)
    loads = [Delivery(f"shop-{n:06d}", each) for n, each in enumerate(delivered, start=1)]
    right = CompiledEntity(connection, contract)
    for load in loads:
        right.run([Delivery(load.load_id, [mend(row) for row in load.rows])])
    expected = right.silver()
    entity = CompiledEntity(connection, contract)
    for load in loads[:sent_after]:
        entity.run([load])
    _replay(entity, loads[:sent_after], "shop-000010")
    later = [Delivery(f"shop-{n:06d}", each.rows) for n, each in enumerate(loads[sent_after:], 11)]
    for load in later:
        entity.run([load])
    _replay(entity, later, "shop-000020")
    assert entity.silver() == expected


def _tell_apart(delivered: list[list[TextRow]]) -> list[list[TextRow]]:
    """Make no row repeat another: of repeated rows the first is kept, and gives its place."""
    return [
        [
            (k, value if value == "x" else str(100 * load + row), at)
            for row, (k, value, at) in enumerate(each)
        ]
        for load, each in enumerate(delivered, start=1)
    ]


def _replay(entity: CompiledEntity, loads: Sequence[Delivery], replay: str) -> None:
    broken = {
        (load.load_id, number): row
        for load in loads
        for number, row in enumerate(load.rows, start=1)
        if "x" in row
    }
    if broken:
        entity.settle(broken)
        entity.replay({(replay, n): place for n, place in enumerate(broken, start=1)})
        entity.run([Delivery(replay, [mend(row) for row in broken.values()])])


@pytest.mark.parametrize("disposition", ["replayed", "discarded"])
@pytest.mark.parametrize(
    ("mode", "key"),
    [(APPEND, ()), (APPEND, ("k",)), (UPSERT, ("k",)), (SNAPSHOT, ("k",)), (SNAPSHOT, ())],
)
def test_a_settled_row_is_out_whatever_it_says(
    connection: duckdb.DuckDBPyConnection,
    mode: DeliveryMode,
    key: Sequence[str],
    disposition: str,
) -> None:
    """A sound row, a broken one, one of an earlier row's key: each is settled and nothing else."""
    entity = CompiledEntity(connection, make_contract(COLUMNS, mode, key))
    settled: list[Where] = [(FIRST, 2), (FIRST, 3), (FIRST, 4)]
    entity.settle(settled, disposition)
    delivered = [("a", "1", "1"), ("b", "2", "1"), ("c", "x", "1"), ("a", "9", "1")]
    assert entity.run([Delivery(FIRST, delivered)]) == dict.fromkeys(settled, disposition)
    assert entity.silver() == [("a", 1, 1)]
    assert entity.quarantine() == [
        (FIRST, 2, ["as_told"]),
        (FIRST, 3, ["value_type"]),
        (FIRST, 4, ["as_told"]),
    ]


def test_quarantine_names_the_row_that_a_replayed_one_stands_for(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    entity = CompiledEntity(connection, make_contract(COLUMNS, APPEND))
    entity.run([Delivery(FIRST, [("a", "x", "1")])])
    entity.settle([(FIRST, 1)])
    entity.replay({(SECOND, 1): (FIRST, 1)})
    assert entity.run([Delivery(SECOND, [("a", "x", "1")])]) == {(SECOND, 1): "quarantined"}
    found = connection.execute(
        "select _load_id, _replay_of_load_id, _replay_of_row_number"
        " from quarantine.shop__things order by 1"
    ).fetchall()
    assert found == [(FIRST, None, None), (SECOND, FIRST, 1)]
