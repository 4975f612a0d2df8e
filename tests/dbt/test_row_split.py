"""The split of accepted and quarantined rows, against an evaluation row by row in Python.

For any rows and any rules: every row is on one side, with all the rules that it broke, in order.
SQL's third truth value is where such splits go wrong, so rules are made of all that gives NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import pytest
from compiled_entity import CompiledEntity, Delivery, make_contract
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.domain import DeliveryMode, RowRule, Severity

COLUMNS = {"n": "integer", "x": "double", "s": "varchar"}
NULL_TEXTS = ("", "NA")
LOAD = "shop-000001"

Value = int | float | str | None
Row = Mapping[str, Value]
Truth = bool | None


@dataclass(frozen=True)
class Rule:
    """A condition as SQL, and as what it means for one row: true, false or unknown."""

    sql: str
    holds: Callable[[Row], Truth]

    def __repr__(self) -> str:
        return self.sql


def negate(truth: Truth) -> Truth:
    return None if truth is None else not truth


def both(one: Truth, other: Truth) -> Truth:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def compare(column: str, sign: str, other: str | float) -> Rule:
    """Compare a column with another one, or with a constant."""
    signs: Mapping[str, Callable[[float, float], bool]] = {
        "<": lambda a, b: a < b,
        ">=": lambda a, b: a >= b,
        "=": lambda a, b: a == b,
        "<>": lambda a, b: a != b,
    }

    def holds(row: Row) -> Truth:
        left, right = row[column], row[other] if isinstance(other, str) else other
        if left is None or right is None:
            return None
        assert not isinstance(left, str) and not isinstance(right, str)
        return signs[sign](left, right)

    return Rule(f"{column} {sign} {other}", holds)


def one_of(texts: Sequence[str | None]) -> Rule:
    """``s in (…)``: with a NULL in the list nothing is ever outside it."""
    listed = ", ".join("null" if text is None else f"'{text}'" for text in texts)

    def holds(row: Row) -> Truth:
        if row["s"] is None:
            return None
        return True if row["s"] in texts else (None if None in texts else False)

    return Rule(f"s in ({listed})", holds)


def absent(column: str) -> Rule:
    return Rule(f"{column} is null", lambda row: row[column] is None)


def negated(rule: Rule) -> Rule:
    return Rule(f"not ({rule.sql})", lambda row: negate(rule.holds(row)))


def joined(pair: tuple[Rule, Rule, str]) -> Rule:
    one, other, word = pair
    if word == "and":
        return Rule(
            f"({one.sql}) and ({other.sql})", lambda row: both(one.holds(row), other.holds(row))
        )
    return Rule(
        f"({one.sql}) or ({other.sql})",
        lambda row: negate(both(negate(one.holds(row)), negate(other.holds(row)))),
    )


numbers = st.sampled_from(["n", "x"])
rules = st.recursive(
    st.one_of(
        st.builds(
            compare,
            numbers,
            st.sampled_from(["<", ">=", "=", "<>"]),
            st.one_of(numbers, st.sampled_from([-1, 0, 1, 2.5])),
        ),
        st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=3).map(one_of),
        st.sampled_from(list(COLUMNS)).map(absent),
        st.sampled_from([Rule("null", lambda row: None), Rule("false", lambda row: False)]),
    ),
    lambda inner: st.one_of(
        inner.map(negated),
        st.tuples(inner, inner, st.sampled_from(["and", "or"])).map(joined),
    ),
    max_leaves=5,
)
rows = st.tuples(
    st.sampled_from(["-1", "0", "1", "2", "", "NA", "x", "1.5"]),
    st.sampled_from(["-1", "0", "1", "2.5", "", "NA", "x"]),
    st.sampled_from(["a", "b", "c", "", "NA", "a'b"]),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def read(texts: Sequence[str]) -> tuple[Row, set[str]]:
    """Read a row's texts; also name the columns whose text is none of their type."""
    row: dict[str, Value] = {}
    unreadable = set()
    for (name, kind), text in zip(COLUMNS.items(), texts, strict=True):
        row[name] = None
        if text in NULL_TEXTS:
            continue
        try:
            row[name] = {"integer": int, "double": float, "varchar": str}[kind](text)
        except ValueError:
            unreadable.add(name)
    return row, unreadable


def broken(
    texts: Sequence[str], required: set[str], named: Sequence[RowRule], stated: Sequence[Rule]
) -> list[str]:
    row, unreadable = read(texts)
    found = []
    for name in COLUMNS:
        if name in unreadable:
            found.append(f"{name}_type")
        elif name in required and row[name] is None:
            found.append(f"{name}_required")
    found += [
        rule.name
        for rule, said in zip(named, stated, strict=True)
        if rule.severity is Severity.CRITICAL and said.holds(row) is False
    ]
    return found


@settings(max_examples=100)
@given(
    delivered=st.lists(rows, max_size=12),
    stated=st.lists(rules, max_size=4),
    required=st.sets(st.sampled_from(list(COLUMNS))),
    warnings=st.sets(st.integers(0, 3)),
)
def test_any_rows_are_split_by_any_rules_as_python_splits_them(
    connection: duckdb.DuckDBPyConnection,
    delivered: list[tuple[str, str, str]],
    stated: list[Rule],
    required: set[str],
    warnings: set[int],
) -> None:
    named = tuple(
        RowRule(
            name=f"rule_{position}",
            predicate=rule.sql,
            severity=Severity.WARNING if position in warnings else Severity.CRITICAL,
            description="",
        )
        for position, rule in enumerate(stated)
    )
    contract = make_contract(COLUMNS, DeliveryMode.APPEND)
    contract = replace(
        contract,
        columns=tuple(replace(c, required=c.name in required) for c in contract.columns),
        row_rules=named,
        null_texts=NULL_TEXTS,
    )
    entity = CompiledEntity(connection, contract)
    entity.run([Delivery(LOAD, delivered)])
    expected = {
        number: broken(texts, required, named, stated)
        for number, texts in enumerate(delivered, start=1)
    }
    quarantined = {number: found for _, number, found in entity.quarantine()}
    assert quarantined == {number: found for number, found in expected.items() if found}
    accepted = entity.silver("_row_number, n, x, s")
    assert accepted == [
        (number, *read(delivered[number - 1])[0].values())
        for number, found in expected.items()
        if not found
    ]
    assert len(accepted) + len(quarantined) == len(delivered)
