"""Each core expectation that GX has: as on GX's pandas engine, or refused before a run.

GX itself is asked which there are, so that one which a new version brings fails here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from numbers import Number
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from assay.errors import QualityError
from assay.quality import check_suites, load_suite
from assay.quality.audit import evaluate
from assay.quality.coverage import REFUSED, TYPE_CHECKS, core_expectations, coverage
from assay.quality.suite import Expectation
from assay.quality.validation import Outcome, find_fault

from .conftest import TABLE, WriteSuite
from .expectation_cases import CASES, COLUMNS, DATA_SETS, ROW_CONDITION, Case, Row
from .pandas_engine import make_frame, validate_with_pandas

CHECKED = [each.type for each in coverage() if each.is_checked]
_MEASURES = ("unexpected_count", "element_count", "missing_count", "observed_value")


@dataclass(frozen=True)
class Compared:
    """One case on one data set, on both engines."""

    data_set: str
    case: Case
    ours: Outcome
    peer: Outcome


def variants(case: Case) -> Iterator[Case]:
    """The case itself, then with a share of the rows and with a row condition where it has them."""
    yield case
    if case.type == "unexpected_rows_expectation" or case.peer_type.endswith("_of_type"):
        return
    for more in (
        {"mostly": 0.6},
        {"row_condition": ROW_CONDITION, "condition_parser": "great_expectations"},
    ):
        varied = replace(case, kwargs={**case.kwargs, **more})
        if not find_fault(Expectation("cases", varied.type, varied.kwargs)):
            yield varied


@cache
def compare_all() -> dict[str, list[Compared]]:
    """Evaluate every case on every data set, here and on pandas; by type of expectation."""
    found: dict[str, list[Compared]] = {each.type: [] for each in CASES}
    for name, rows in DATA_SETS.items():
        with_variants = name in ("mixed", "all_null")
        cases = [v for case in CASES for v in (variants(case) if with_variants else (case,))]
        ours = evaluate_here(rows, cases)
        peers = validate_with_pandas(make_frame(rows, COLUMNS), [case.peer for case in cases])
        for each in zip(cases, ours, peers, strict=True):
            found[each[0].type].append(Compared(name, *each))
    return found


def evaluate_here(rows: list[Row], cases: list[Case]) -> list[Outcome]:
    """Evaluate cases as an audit does, on a DuckDB table of these rows."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        declared = ", ".join(f"{column} {kind}" for column, kind in COLUMNS.items())
        connection.execute(f"create table compared ({declared})")
        if rows:
            marks = ", ".join("?" * len(COLUMNS))
            connection.executemany(f"insert into compared values ({marks})", rows)
        types = {
            name: kind for name, kind, *_ in connection.execute("describe compared").fetchall()
        }
        expectations = [Expectation("cases", case.type, case.kwargs) for case in cases]
        return evaluate(connection, "compared", expectations, types)


def compare(kind: str) -> list[Compared]:
    return compare_all()[kind]


def test_every_core_expectation_is_compared_or_refused() -> None:
    tried = {case.type for case in CASES}
    assert sorted(tried | set(REFUSED)) == list(core_expectations())
    assert tried & set(REFUSED) == set()
    assert len(core_expectations()) >= 59


@pytest.mark.parametrize("kind", CHECKED)
def test_equal_to_pandas(kind: str) -> None:
    differing = [
        (each.data_set, each.case.kwargs, each.ours, each.peer)
        for each in compare(kind)
        if not is_equal(each)
    ]
    assert differing == []


@pytest.mark.parametrize("kind", CHECKED)
def test_it_passes_and_fails_on_data(kind: str) -> None:
    """No comparison is of errors alone, or of passes alone."""
    mixed = [each.ours for each in compare(kind) if each.data_set == "mixed"]
    assert [each.error for each in mixed if each.error] == []
    assert {each.is_success for each in mixed} == {True, False}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_when_the_suite_is_read(
    kind: str, write_suite: WriteSuite, expectations: Path
) -> None:
    write_suite({"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}})
    write_suite({"type": kind, "kwargs": {}}, own=True)
    with pytest.raises(QualityError) as refused:
        load_suite(expectations, "shop", TABLE)
    reason, todo = REFUSED[kind]
    assert refused.value.what == f"{kind}: {reason}; {todo}"
    assert "fct_orders.own.json, expectation 1" in refused.value.where


def test_refused_before_a_run(write_suite: WriteSuite, expectations: Path) -> None:
    write_suite({"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}})
    check_suites(expectations, "shop")
    entry = {"type": "expect_column_values_to_be_increasing", "kwargs": {"column": "id"}}
    write_suite(entry, own=True)
    with pytest.raises(QualityError, match="rows of a table have no order"):
        check_suites(expectations, "shop")
    check_suites(expectations, "another product")


def test_a_pair_in_a_set_with_a_row_condition_is_refused() -> None:
    arguments = {
        "column_A": "a",
        "column_B": "b",
        "value_pairs_set": [[1, 2]],
        "row_condition": ROW_CONDITION,
        "condition_parser": "great_expectations",
    }
    kind = "expect_column_pair_values_to_be_in_set"
    assert "counts rows outside of it" in find_fault(Expectation("cases", kind, arguments))


def is_equal(each: Compared) -> bool:
    """Equal in success and in every measure, but for what ``coverage`` tells users."""
    kind, ours, peer = each.case.type, each.ours, each.peer
    if kind in _WITHOUT_VALUES and ours.details.get("observed_value") is None:
        return not ours.is_success and (bool(peer.error) or not _has_values(peer))
    if ours.error or peer.error or ours.is_success != peer.is_success:
        return False
    if kind in TYPE_CHECKS:
        return True
    if kind == "unexpected_rows_expectation":
        return ours.details["observed_value"] == (peer.details["unexpected_count"] or 0)
    return _measures(ours) == _measures(peer)


# Sums, extremes and distributions of nothing: see DIFFERENCES.
_WITHOUT_VALUES = (
    "expect_column_kl_divergence_to_be_less_than",
    "expect_column_max_to_be_between",
    "expect_column_min_to_be_between",
    "expect_column_sum_to_be_between",
)


def _has_values(peer: Outcome) -> bool:
    """Pandas sums nothing to 0; what else it finds of nothing is no number."""
    observed = peer.details.get("observed_value")
    return observed is not None and observed != 0 and not pd.isna(observed)


def _measures(outcome: Outcome) -> dict[str, object]:
    found = {name: _plain(outcome.details.get(name)) for name in _MEASURES}
    if found["element_count"] == 0:
        # A sum over no rows: NULL in SQL, 0 in pandas.
        found["unexpected_count"] = 0.0
    return found


def _plain(value: object) -> object:
    """Let numbers, dates and collections of either engine be compared: nine digits, one type."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, date):
        return str(pd.Timestamp(value))
    if isinstance(value, Number | Decimal) and not isinstance(value, bool):
        number = float(value)  # type: ignore[arg-type]
        return None if math.isnan(number) else float(f"{number:.9g}")
    return value
