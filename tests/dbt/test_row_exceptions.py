"""Where each delivered row goes, against a plain Python model of what the modes mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import duckdb
import pytest
from compiled_entity import CompiledEntity, Delivery, TextRow, Where, make_contract
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.domain import DeliveryMode

APPEND, UPSERT, SNAPSHOT = DeliveryMode.APPEND, DeliveryMode.UPSERT, DeliveryMode.SNAPSHOT
COLUMNS = {"k": "varchar", "order": "integer", "value": "double", "at": "integer"}
KEY = ("k", "order")
MODES = [
    pytest.param(APPEND, (), "", id="append"),
    pytest.param(APPEND, KEY, "", id="append_by_key"),
    pytest.param(UPSERT, KEY, "at", id="upsert_by_ordering_column"),
    pytest.param(UPSERT, KEY, "", id="upsert_by_delivery"),
    pytest.param(SNAPSHOT, KEY, "", id="snapshot_by_key"),
    pytest.param(SNAPSHOT, (), "", id="snapshot"),
]

Content = tuple[str, int, float | None, int | None]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@dataclass(frozen=True)
class Placed:
    """A row that stands, and where it was delivered."""

    content: Content
    where: Where


@dataclass
class Model:
    """What the delivery modes mean, row by row, without SQL."""

    mode: DeliveryMode
    key: Sequence[str]
    ordering: str
    standing: list[Placed] = field(default_factory=list)
    released: list[str] = field(default_factory=list)

    def run(self, loads: Sequence[Delivery]) -> dict[Where, str]:
        places: dict[Where, str] = {}
        fresh: list[Placed] = []
        for load in sorted(loads, key=lambda each: each.load_id):
            for number, row in enumerate(load.rows, start=1):
                where = (load.load_id, number)
                content = read(row, self.key)
                if content is None:
                    places[where] = "quarantined"
                elif load.duplicate_of:
                    places[where] = "deduplicated"
                else:
                    fresh.append(Placed(content, where))
        self.released += [load.load_id for load in loads]
        if self.mode is UPSERT:
            self._upsert(fresh, places)
        elif self.mode is SNAPSHOT:
            self._replace(self._first_of_each(fresh, [], places), places)
        else:
            self.standing += self._first_of_each(fresh, self.standing, places)
        return places

    def _first_of_each(
        self, fresh: list[Placed], there: list[Placed], places: dict[Where, str]
    ) -> list[Placed]:
        if not self.key:
            return fresh
        by_snapshot = self.mode is SNAPSHOT
        first = {(row.content[:2], ""): row.content for row in there}
        kept = []
        for row in fresh:
            key = (row.content[:2], row.where[0] if by_snapshot else "")
            if key not in first:
                first[key] = row.content
                kept.append(row)
            else:
                is_same = first[key] == row.content
                places[row.where] = "deduplicated" if is_same else "quarantined"
        return kept

    def _replace(self, fresh: list[Placed], places: dict[Where, str]) -> None:
        newest = max(self.released)
        for row in [*self.standing, *fresh]:
            if row.where[0] != newest:
                is_new = row not in self.standing
                places[row.where] = "superseded" if is_new else "replaced"
        self.standing = [r for r in [*self.standing, *fresh] if r.where[0] == newest]

    def _upsert(self, fresh: list[Placed], places: dict[Where, str]) -> None:
        before = set(self.standing)
        kept = []
        for key in {row.content[:2] for row in [*self.standing, *fresh]}:
            rows = [row for row in [*self.standing, *fresh] if row.content[:2] == key]
            rows.sort(key=self._position)
            told = [r for n, r in enumerate(rows) if n == 0 or rows[n - 1].content != r.content]
            for row in rows:
                if row == told[-1]:
                    kept.append(row)
                elif row in before:
                    places[row.where] = "replaced"
                else:
                    places[row.where] = "superseded" if row in told else "deduplicated"
        self.standing = kept

    def _position(self, row: Placed) -> tuple[object, ...]:
        at = row.content[3] if self.ordering else 0
        return (at is not None, at or 0, *row.where)


def read(row: TextRow, key: Sequence[str]) -> Content | None:
    """Read a row as its contract says; None where it breaks a rule."""
    k, order, value, at = row
    if "x" in (order, value, at) or (key and "" in (k, order)):
        return None
    return (
        k or None,  # type: ignore[return-value]  # a key is there; other rows may lack it
        int(order) if order else None,
        float(value) if value else None,
        int(at) if at else None,
    )


rows = st.tuples(
    st.sampled_from(["a", "b'", ""]),
    st.sampled_from(["1", "2", "1"]),
    st.sampled_from(["1", "2", "", "x"]),
    st.sampled_from(["1", "2", "3", ""]),
)
files = st.lists(rows, max_size=4)
plans = st.lists(st.tuples(files, st.booleans(), st.booleans()), min_size=1, max_size=6)


def group(plan: Sequence[tuple[list[TextRow], bool, bool]]) -> list[list[Delivery]]:
    """Make loads of a plan of (rows, are they the first file's again, does a run end here)."""
    runs: list[list[Delivery]] = [[]]
    for number, (rows_, is_repeat, is_last) in enumerate(plan, start=1):
        repeated = is_repeat and number > 1
        content = plan[0][0] if repeated else rows_
        runs[-1].append(
            Delivery(f"shop-{number:06d}", content, "shop-000001" if repeated else None)
        )
        if is_last:
            runs.append([])
    return [run for run in runs if run]


def without_repeats(runs: list[list[Delivery]]) -> list[list[Delivery]]:
    """Loads with the bytes of an earlier one count as such only where rows have no key."""
    return [[Delivery(each.load_id, each.rows) for each in run] for run in runs]


def check_run(
    entity: CompiledEntity, model: Model, run: Sequence[Delivery], totals: dict[str, int]
) -> None:
    before = len(model.standing)
    expected = model.run(run)
    assert entity.run(run) == expected
    landed = sum(len(load.rows) for load in run)
    kinds = list(expected.values())
    accepted = landed - kinds.count("quarantined") - kinds.count("deduplicated")
    current = accepted - kinds.count("superseded") - kinds.count("replaced")
    assert len(model.standing) == before + current
    totals["quarantined"] = totals.get("quarantined", 0) + kinds.count("quarantined")


@pytest.mark.parametrize(("mode", "key", "ordering"), MODES)
@settings(max_examples=30)
@given(plan=plans)
def test_rows_go_where_the_delivery_mode_says(
    connection: duckdb.DuckDBPyConnection,
    mode: DeliveryMode,
    key: Sequence[str],
    ordering: str,
    plan: list[tuple[list[TextRow], bool, bool]],
) -> None:
    runs = group(plan)
    if mode is not APPEND or key:
        runs = without_repeats(runs)
    entity = CompiledEntity(connection, make_contract(COLUMNS, mode, key, ordering))
    model = Model(mode, key, ordering)
    totals: dict[str, int] = {}
    for run in runs:
        check_run(entity, model, run, totals)
        standing = sorted((row.where for row in model.standing), key=str)
        assert sorted(entity.silver("_load_id, _row_number"), key=str) == standing
    contents = [row.content for row in model.standing]
    assert sorted(map(str, entity.silver())) == sorted(map(str, contents))
    assert len(entity.quarantine()) == totals["quarantined"]


@pytest.mark.parametrize(("mode", "key", "ordering"), MODES)
@settings(max_examples=20)
@given(plan=plans, seed=st.randoms(use_true_random=False))
def test_loads_that_come_in_late_go_where_the_mode_says(
    connection: duckdb.DuckDBPyConnection,
    mode: DeliveryMode,
    key: Sequence[str],
    ordering: str,
    plan: list[tuple[list[TextRow], bool, bool]],
    seed: object,
) -> None:
    """Loads withheld and resumed come in after later ones: the newest snapshot stays."""
    runs = without_repeats(group(plan))
    seed.shuffle(runs)  # type: ignore[attr-defined]  # hypothesis's Random
    entity = CompiledEntity(connection, make_contract(COLUMNS, mode, key, ordering))
    model = Model(mode, key, ordering)
    for run in runs:
        check_run(entity, model, run, {})
    contents = [row.content for row in model.standing]
    assert sorted(map(str, entity.silver())) == sorted(map(str, contents))


@settings(max_examples=30)
@given(plan=plans, seed=st.randoms(use_true_random=False))
def test_an_ordering_column_makes_order_and_grouping_of_files_irrelevant(
    connection: duckdb.DuckDBPyConnection,
    plan: list[tuple[list[TextRow], bool, bool]],
    seed: object,
) -> None:
    told: dict[tuple[str, str, str], TextRow] = {}
    contract = make_contract(COLUMNS, UPSERT, KEY, "at")
    unambiguous = [
        (
            [
                told.setdefault((k, order, at), (k, order, value, at))
                for k, order, value, at in rows_
            ],
            False,
            end,
        )
        for rows_, _, end in plan
    ]
    shuffled = [(rows_, False, end) for rows_, _, end in unambiguous]
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's Random
    results = []
    for each in (unambiguous, shuffled, [(r, False, False) for r, _, _ in unambiguous]):
        entity = CompiledEntity(connection, contract)
        for run in group(each):
            entity.run(run)
        results.append(entity.silver())
    assert results[0] == results[1] == results[2]


# fmt: off
AWKWARD = (
    "order", "at", "select", "source", "base", "checked", "sound", "scope", "bronze", "exceptions",
    "disposition", "load_id", "duplicate_of", "outdated", "contested", "contenders", "compared",
    "ranked", "row", "key", "hash", "broken", "staged", "conformed", "texts", "typed", "entity",
)
# fmt: on


@pytest.mark.parametrize(
    ("mode", "has_key"), [(APPEND, True), (APPEND, False), (UPSERT, True), (SNAPSHOT, True)]
)
def test_columns_may_have_any_name(
    connection: duckdb.DuckDBPyConnection, mode: DeliveryMode, has_key: bool
) -> None:
    columns = dict.fromkeys(AWKWARD, "varchar") | {"order": "integer", "at": "integer"}
    key = ("order", "source", "base") if has_key else ()
    ordering = "at" if mode is UPSERT else ""
    entity = CompiledEntity(connection, make_contract(columns, mode, key, ordering))
    first = tuple("1" if name in ("order", "at") else f"it's {name}" for name in columns)
    other = tuple("2" if name in ("order", "at") else name for name in columns)
    broken = tuple("x" if name == "at" else "1" for name in columns)
    entity.run([Delivery("shop-000001", [first, other, broken])])
    entity.run(
        [Delivery("shop-000002", [other, first, broken], "shop-000001" if not has_key else None)]
    )
    stated = [
        tuple(int(v) if n in ("order", "at") else v for n, v in zip(columns, row, strict=True))
        for row in (first, other)
    ]
    assert entity.silver() == sorted(stated)
    assert entity.quarantine() == [
        ("shop-000001", 3, ["at_type"]),
        ("shop-000002", 3, ["at_type"]),
    ]


@pytest.mark.parametrize(
    ("kind", "same", "other"),
    [
        ("double", ("0.0", "-0.0"), "0.1"),
        ("double", ("0.1", "0.10"), "0.1000001"),
        ("decimal(10, 2)", ("1.5", "1.50"), "1.51"),
        (
            "timestamp with time zone",
            ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"),
            "2024-01-01T00:00:00.000001Z",
        ),
        ("varchar", ("a", "a"), "a "),
        ("varchar", ("", ""), "a"),
        ("boolean", ("true", "1"), "false"),
    ],
)
def test_rows_are_the_same_again_by_what_they_mean(
    connection: duckdb.DuckDBPyConnection, kind: str, same: tuple[str, str], other: str
) -> None:
    contract = make_contract({"k": "varchar", "v": kind}, APPEND, ("k",))
    entity = CompiledEntity(connection, contract)
    assert entity.run([Delivery("shop-000001", [("a", same[0]), ("a", same[1])])]) == {
        ("shop-000001", 2): "deduplicated"
    }
    again = [("a", same[1]), ("a", other)]
    assert entity.run([Delivery("shop-000002", again)]) == {
        ("shop-000002", 1): "deduplicated",
        ("shop-000002", 2): "quarantined",
    }


def test_the_same_key_in_another_notation_is_the_same_key(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    columns = {"k": "timestamp with time zone", "n": "double", "v": "integer"}
    contract = make_contract(columns, UPSERT, ("k", "n"))
    entity = CompiledEntity(connection, contract)
    entity.run([Delivery("shop-000001", [("2024-01-01T00:00:00Z", "0.0", "1")])])
    assert entity.run([Delivery("shop-000002", [("2024-01-01T02:00:00+02:00", "-0.0", "2")])]) == {
        ("shop-000001", 1): "replaced"
    }
    assert entity.silver("v") == [(2,)]
