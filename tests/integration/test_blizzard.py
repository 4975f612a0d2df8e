"""The flights of 2013, day by day: the blizzard is found, and hardly anything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from assay.airflow.demo_deliveries import source_bytes
from assay.contracts import read_contracts
from assay.domain import DayMeasureKind, DriftMethod, Watch, WatchedMeasure
from assay.quality import judge_series, measure_days, new_days

ROOT = Path(__file__).parents[2]
BLIZZARD = {date(2013, 2, 8), date(2013, 2, 9)}
DAYS = [date(2013, 1, 1) + timedelta(days=n) for n in range(365)]


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The flights as ``fct_flights`` has them: each with the day of its scheduled departure."""
    file = tmp_path_factory.mktemp("flights") / "flights.csv"
    file.write_bytes(source_bytes("flights"))
    with duckdb.connect() as opened:
        opened.execute(
            "create table flights as select make_date(year, month, day) as flight_date, *"
            f" from read_csv('{file}', nullstr = 'NA')"
        )
        yield opened


def contract_watch() -> Watch:
    contracts = {each.table: each for each in read_contracts(ROOT / "contracts", "flights")}
    watch = contracts["fct_flights"].watch
    assert watch is not None
    return watch


def odd_days(connection: duckdb.DuckDBPyConnection, relation: str, watch: Watch) -> set[date]:
    new = new_days(connection, relation, None, watch)
    return {
        verdict.day
        for measure in watch.measures
        for verdict in judge_series(measure_days(connection, relation, watch, measure), new)
        if verdict.is_anomaly
    }


def test_the_blizzard_is_found_and_at_most_one_other_day_a_month(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = odd_days(connection, "flights", contract_watch())
    assert found >= BLIZZARD
    others = Counter(day.month for day in found - BLIZZARD)
    assert all(count == 1 for count in others.values()), sorted(found)


def test_the_contract_says_nothing_but_what_to_watch() -> None:
    measures = contract_watch().measures
    assert WatchedMeasure(DayMeasureKind.NULL_SHARE, "dep_time") in measures
    assert all((m.score, m.factor, m.at_least) == (None, None, None) for m in measures)


@pytest.mark.parametrize("column", ["arr_delay", "tailnum", "air_time"])
def test_other_columns_that_the_blizzard_emptied_show_it_as_well(
    connection: duckdb.DuckDBPyConnection, column: str
) -> None:
    watch = Watch("flight_date", (WatchedMeasure(DayMeasureKind.NULL_SHARE, column),))
    found = odd_days(connection, "flights", watch)
    assert found >= BLIZZARD
    assert max(Counter(day.month for day in found - BLIZZARD).values(), default=0) <= 1


@pytest.mark.parametrize("column", ["distance", "carrier", "dep_delay"])
def test_the_distribution_of_a_column_drifts_on_at_most_one_day_a_month(
    connection: duckdb.DuckDBPyConnection, column: str
) -> None:
    drift = WatchedMeasure(
        DayMeasureKind.DRIFT,
        column,
        method=DriftMethod.PSI,
        reference_from=date(2013, 1, 1),
        reference_to=date(2013, 1, 31),
    )
    found = odd_days(connection, "flights", Watch("flight_date", (drift,)))
    assert max(Counter(day.month for day in found).values(), default=0) <= 1


def test_a_daily_observer_says_the_same_with_the_deliveries_of_the_day_alone(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The days until March one delivery after the other: nothing later is there to be seen."""
    watch = contract_watch()
    found = set()
    for today in DAYS[:90]:
        for name, before in (("seen", today), ("base", today - timedelta(days=1))):
            connection.execute(
                f"create or replace view {name} as from flights where flight_date <= '{before}'"
            )
        new = new_days(connection, "seen", "base", watch)
        assert new == [today]
        for measure in watch.measures:
            verdicts = judge_series(measure_days(connection, "seen", watch, measure), new)
            found |= {verdict.day for verdict in verdicts if verdict.is_anomaly}
    assert found >= BLIZZARD
    whole_year = odd_days(connection, "flights", watch)
    assert found == {day for day in whole_year if day in DAYS[:90]}
