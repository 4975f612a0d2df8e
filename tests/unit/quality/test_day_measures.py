"""What is measured of each day, and which days are new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
from scipy.stats import ks_2samp

from assay.domain import DayMeasureKind, DriftMethod, Watch, WatchedMeasure
from assay.errors import QualityError
from assay.quality import measure_days, new_days
from assay.quality.divergence import population_stability_index

FIRST, SECOND, THIRD = (date(2024, 1, day) for day in (1, 2, 3))


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'UTC'")
        yield opened


def fill(connection: duckdb.DuckDBPyConnection, rows: str, name: str = "audited") -> None:
    connection.execute(
        f"create or replace table {name} as select day::date as day, fruit, weight from"
        f" (values {rows}) as given(day, fruit, weight)"
    )


FRUIT = """('2024-01-01', 'apple', 1), ('2024-01-01', 'pear', null),
    ('2024-01-02', 'apple', 2), ('2024-01-02', 'fig', 3), ('2024-01-02', 'fig', null),
    ('2024-01-02', null, 4), ('2024-01-03', 'pear', 5), (null, 'kiwi', 6)"""


def watch(*measures: WatchedMeasure, **changes: object) -> Watch:
    return Watch("day", measures, **changes)  # type: ignore[arg-type]


def values(
    connection: duckdb.DuckDBPyConnection, measure: WatchedMeasure, **changes: object
) -> dict[date, float]:
    series = measure_days(connection, "audited", watch(measure, **changes), measure)
    assert list(series.observations) == sorted(series.observations, key=lambda each: each.day)
    return {each.day: each.value for each in series.observations}


def test_rows_and_shares_of_nulls_by_day(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, FRUIT)
    rows, nulls = WatchedMeasure(DayMeasureKind.ROWS), DayMeasureKind.NULL_SHARE
    assert values(connection, rows) == {FIRST: 2, SECOND: 4, THIRD: 1}
    assert values(connection, WatchedMeasure(nulls, "weight")) == {
        FIRST: 0.5,
        SECOND: 0.25,
        THIRD: 0,
    }


def test_accepted_days_are_no_history(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, FRUIT)
    rows = WatchedMeasure(DayMeasureKind.ROWS)
    assert values(connection, rows, accepted_days=(SECOND,)) == {FIRST: 2, THIRD: 1}


def test_a_category_is_new_on_its_first_day(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, FRUIT)
    new = WatchedMeasure(DayMeasureKind.NEW_CATEGORIES, "fruit")
    assert values(connection, new) == {FIRST: 1, SECOND: 0.5, THIRD: 0}


def test_a_point_in_time_counts_by_its_day_in_utc(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table audited as select timestamptz '2024-01-01 23:30:00-05:00' as day"
    )
    assert values(connection, WatchedMeasure(DayMeasureKind.ROWS)) == {SECOND: 1}


def test_a_day_outside_of_the_calendar_is_none(connection: duckdb.DuckDBPyConnection) -> None:
    days = ("9999-12-31 23:00:00-05", "0001-01-01 00:00:00+05", "2024-01-01 00:00:00Z")
    rows = ", ".join(f"(timestamptz '{day}', 1)" for day in days)
    connection.execute(f"create table audited as from (values {rows}) as given(day, weight)")
    for kind in (DayMeasureKind.ROWS, DayMeasureKind.NULL_SHARE, DayMeasureKind.NEW_CATEGORIES):
        measure = WatchedMeasure(kind, "weight")
        assert list(values(connection, measure)) == [FIRST]
    assert values(connection, drift("weight", DriftMethod.PSI)) == {}
    assert new_days(connection, "audited", None, watch(measure)) == [FIRST]


def drift(column: str, method: DriftMethod, start: date = FIRST) -> WatchedMeasure:
    return WatchedMeasure(
        DayMeasureKind.DRIFT, column, method=method, reference_from=start, reference_to=FIRST
    )


def test_drift_of_numbers_is_measured_from_the_reference(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "create table audited as select date '2024-01-01' + (n >= 1000)::int as day,"
        " case when n < 1000 then n else 500 + (n - 1000) / 2 end as weight"
        " from range(2000) as numbers(n)"
    )
    assert values(connection, drift("weight", DriftMethod.KS)) == {
        SECOND: pytest.approx(
            ks_2samp(range(1000), [500 + n / 2 for n in range(1000)]).statistic, abs=0.01
        )
    }
    # Ten bins of a tenth each; the second day lies in the upper five alone.
    counts = [1000 // 10] * 10, [0] * 5 + [200] * 5
    assert values(connection, drift("weight", DriftMethod.PSI)) == {
        SECOND: pytest.approx(population_stability_index(*counts), rel=0.02)
    }


def test_drift_of_texts_counts_each_value_of_the_reference(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    fill(connection, FRUIT)
    # Of the reference apple 1, pear 1; on the second day apple 1 and two that it has not.
    assert values(connection, drift("fruit", DriftMethod.PSI)) == {
        SECOND: pytest.approx(population_stability_index([1, 1, 0], [1, 0, 2])),
        THIRD: pytest.approx(population_stability_index([1, 1], [0, 1]), rel=0.5),
    }


def test_a_reference_without_values_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, "('2024-01-02', 'fig', 1)")
    with pytest.raises(QualityError, match="no value from 2024-01-01 to 2024-01-01"):
        values(connection, drift("fruit", DriftMethod.JS))


def test_before_the_reference_is_over_there_is_nothing_to_judge(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    fill(connection, "('2024-01-01', 'fig', 1)")
    assert values(connection, drift("weight", DriftMethod.KL)) == {}


ROWS = WatchedMeasure(DayMeasureKind.ROWS)


def test_a_day_is_new_once(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, FRUIT)
    fill(connection, "('2024-01-02', 'fig', 1)", "base")
    assert new_days(connection, "audited", None, watch(ROWS)) == [FIRST, SECOND, THIRD]
    # A late day is new, one that was delivered before is not, whatever it holds now.
    assert new_days(connection, "audited", "base", watch(ROWS)) == [FIRST, THIRD]
    assert new_days(connection, "audited", "audited", watch(ROWS)) == []


@pytest.mark.parametrize("columns", ["weight", "day::varchar as day, weight"])
def test_a_version_from_before_the_column_has_no_days(
    connection: duckdb.DuckDBPyConnection, columns: str
) -> None:
    fill(connection, FRUIT)
    connection.execute(f"create table base as select {columns} from audited")
    assert new_days(connection, "audited", "base", watch(ROWS)) == [FIRST, SECOND, THIRD]


def test_a_day_that_settles_is_judged_when_later_ones_came(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    fill(connection, FRUIT)
    fill(connection, "('2024-01-01', 'fig', 1), ('2024-01-02', 'fig', 1)", "base")
    settling = watch(ROWS, settle_days=1)
    assert new_days(connection, "base", None, settling) == [FIRST]
    assert new_days(connection, "audited", "base", settling) == [SECOND]


def test_no_day_settles_by_one_that_has_not_begun(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = "('2100-01-01', 'fig', 1)"
    fill(connection, f"{FRUIT}, {wrong}")
    fill(connection, f"('2024-01-01', 'fig', 1), ('2024-01-02', 'fig', 1), {wrong}", "base")
    settling = watch(ROWS, settle_days=1)
    first = new_days(connection, "base", None, settling, audited_on=SECOND)
    assert first == [FIRST]
    found = new_days(
        connection, "audited", "base", settling, audited_on=THIRD, base_audited_on=SECOND
    )
    assert found == [SECOND]


def test_a_day_that_lay_in_the_future_is_judged_when_it_has_settled(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    fill(connection, "('2024-01-01', 'fig', 1), ('2024-02-01', 'fig', 1)", "base")
    fill(connection, "('2024-01-01', 'fig', 1), ('2024-02-01', 'fig', 1), ('2024-02-02', 'fig', 1)")
    settling = watch(ROWS, settle_days=1)
    found = new_days(
        connection,
        "audited",
        "base",
        settling,
        audited_on=date(2024, 2, 2),
        base_audited_on=THIRD,
    )
    assert found == [FIRST, date(2024, 2, 1)]


def test_a_day_begins_in_the_east_while_it_is_the_day_before_in_utc(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    fill(connection, FRUIT)
    settling = watch(ROWS, settle_days=1)
    assert new_days(connection, "audited", None, settling, audited_on=SECOND) == [FIRST, SECOND]


def test_nothing_settles_before_the_calendar_begins(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    fill(connection, "('0001-01-01', 'fig', 1)")
    assert new_days(connection, "audited", None, watch(ROWS, settle_days=366)) == []


def test_a_table_without_days_has_no_new_ones(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, "(null, 'fig', 1)")
    assert new_days(connection, "audited", None, watch(ROWS)) == []


def fill_days(connection: duckdb.DuckDBPyConnection, days: set[date], name: str) -> None:
    rows = ", ".join(f"('{day}', 'fig', 1)" for day in sorted(days))
    fill(connection, rows, name)


WEEKS = {FIRST + timedelta(days=number) for number in range(50)}
LACKING, LAST = FIRST + timedelta(days=48), FIRST + timedelta(days=49)


def test_a_day_between_others_that_lacks_has_no_row_and_is_new_once(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    fill_days(connection, WEEKS - {LACKING, LAST}, "base")
    fill_days(connection, WEEKS - {LACKING}, "audited")
    assert new_days(connection, "audited", "base", watch(ROWS)) == [LACKING, LAST]
    assert values(connection, ROWS)[LACKING] == 0
    assert LACKING not in values(connection, ROWS, accepted_days=(LACKING,))
    # Nothing but its rows can be measured of such a day.
    nulls = WatchedMeasure(DayMeasureKind.NULL_SHARE, "weight")
    assert new_days(connection, "audited", "base", watch(nulls)) == [LAST]
    assert LACKING not in values(connection, nulls)
    later = LAST + timedelta(days=1)
    fill_days(connection, WEEKS | {later}, "late")
    fill_days(connection, (WEEKS | {later}) - {LACKING}, "lacking")
    assert new_days(connection, "lacking", "audited", watch(ROWS)) == [later]
    # Its rows come late: that day is judged again, by what it holds.
    assert new_days(connection, "late", "audited", watch(ROWS)) == [LACKING, later]
    # Its rows are gone again.
    assert new_days(connection, "lacking", "late", watch(ROWS)) == [LACKING]


def test_a_day_that_settles_lacks_when_later_ones_came(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    settling = watch(ROWS, settle_days=2)
    fill_days(connection, WEEKS - {LACKING, LAST}, "base")
    fill_days(connection, WEEKS - {LACKING}, "audited")
    assert new_days(connection, "audited", "base", settling) == [
        FIRST + timedelta(days=46), FIRST + timedelta(days=47),
    ]  # fmt: skip
    fill_days(connection, (WEEKS | {LAST + timedelta(days=1)}) - {LACKING}, "settled")
    assert new_days(connection, "settled", "audited", settling) == [LACKING]


def test_no_day_lacks_before_one_that_has_not_begun(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = date(2100, 1, 1)
    fill_days(connection, (WEEKS | {wrong}) - {LACKING, LAST}, "base")
    today = LAST - timedelta(days=2)
    assert LACKING not in new_days(connection, "base", None, watch(ROWS), audited_on=today)
    fill_days(connection, (WEEKS | {wrong}) - {LACKING}, "audited")
    found = new_days(connection, "audited", "base", watch(ROWS), audited_on=LAST)
    assert found == [LACKING, LAST]
