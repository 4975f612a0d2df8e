"""Measures of each day of a table, by queries over the version under audit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite
from typing import TYPE_CHECKING

from assay.domain import DayMeasureKind, DriftMethod, Watch, WatchedMeasure, quote_name
from assay.errors import QualityError
from assay.quality.chance import noise_of_count, noise_of_drift, noise_of_share
from assay.quality.column_types import read_columns
from assay.quality.divergence import (
    jensen_shannon,
    kolmogorov_smirnov,
    kullback_leibler,
    population_stability_index,
)
from assay.quality.missing_days import find_missing_days
from assay.quality.seasonal import Noise, Observation

if TYPE_CHECKING:
    import duckdb

# DuckDB's names of the types that have a day begin so.
_DAYS = ("DATE", "TIMESTAMP")
# Of a text the most frequent values of the reference are bins of their own.
_TEXT_BINS = 50
# Deciles for what compares shares, percentiles for what compares cumulated shares.
_NUMBER_BINS = {DriftMethod.KS: 100}
_DECILES = 10


@dataclass(frozen=True)
class Series:
    """One measure of every day that has it, in order, and what chance alone makes of it."""

    measure: WatchedMeasure
    observations: tuple[Observation, ...]
    noise: Noise


def new_days(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    base: str | None,
    watch: Watch,
    *,
    audited_on: date | None = None,
    base_audited_on: date | None = None,
) -> list[date]:
    """Return the days that are to be judged: settled now, and not in the version before.

    So a day is new once: delivered again, or followed by late rows, it is not judged again. Where
    rows are counted, a day between others that lacks is new too, and is again when it comes late.
    ``base`` is the relation of the version that readers see; None where there is none. One that
    did not have the column yet, or as a text, has no days. No day settles, or lacks, by one that
    had not begun when its version was audited, so that a wrong date settles nothing.
    """
    now = _days_of(connection, relation, watch.day_column)
    before: set[date] = set()
    if base and read_columns(connection, base).get(watch.day_column, "").startswith(_DAYS):
        before = _days_of(connection, base, watch.day_column)
    settle_days = watch.settle_days
    settled = _settled(now, now, settle_days, audited_on)
    found = settled - _settled(before, before, settle_days, base_audited_on)
    if any(each.kind is DayMeasureKind.ROWS for each in watch.measures):
        lacking = find_missing_days([day for day in now if _has_begun(day, audited_on)])
        base_day = base_audited_on or audited_on
        known = find_missing_days([day for day in before if _has_begun(day, base_day)])
        found |= _settled(lacking, now, settle_days, audited_on) - _settled(
            known, before, settle_days, base_audited_on
        )
    return sorted(found)


def measure_days(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    watch: Watch,
    measure: WatchedMeasure,
) -> Series:
    """Take one measure of every day of a relation; accepted days are left out.

    Rows are counted also of days that lack: none.

    Raises:
        QualityError: the reference of a drift holds no value.
    """
    day = day_of(watch.day_column)
    if measure.kind is DayMeasureKind.DRIFT:
        return _drift(connection, relation, day, measure, watch.accepted_days)
    noise: Noise = noise_of_share
    if measure.kind is DayMeasureKind.NULL_SHARE:
        found = _shares(
            connection, relation, day, f"count(*) - count({quote_name(measure.column)})"
        )
    elif measure.kind is DayMeasureKind.NEW_CATEGORIES:
        found = _new_categories(connection, relation, day, measure.column)
    else:
        noise = noise_of_count
        rows = _shares(connection, relation, day, "count(*)")
        found = [replace(each, value=float(each.rows)) for each in rows]
        missing = find_missing_days([each.day for each in found])
        found += [Observation(day, 0.0, 0) for day in missing]
    kept = [each for each in found if each.day not in watch.accepted_days]
    return Series(measure, tuple(sorted(kept, key=lambda each: each.day)), noise)


def day_of(column: str) -> str:
    """Write the day of a column in SQL; a point in time counts by its day in UTC."""
    return f"{quote_name(column)}::date"


def _is_known(day: str) -> str:
    """Write that a day is one of the years 1 to 9999; DuckDB knows more, and reports do not."""
    return f"{day} between '0001-01-01' and '9999-12-31'"


def _days_of(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> set[date]:
    day = day_of(column)
    found = connection.execute(
        f"select distinct {day} from {relation} where {_is_known(day)}"
    ).fetchall()
    return {each[0] for each in found}


def _settled(
    days: Collection[date], all_days: Collection[date], settle_days: int, audited_on: date | None
) -> set[date]:
    """Return those of ``days`` that the newest of all days settles."""
    if not settle_days:
        return set(days)
    newest = max((day for day in all_days if _has_begun(day, audited_on)), default=None)
    return {day for day in days if newest and (newest - day).days >= settle_days}


def _has_begun(day: date, audited_on: date | None) -> bool:
    # East of Greenwich a day begins while it is the day before in UTC.
    return audited_on is None or day <= audited_on + timedelta(days=1)


def _shares(
    connection: duckdb.DuckDBPyConnection, relation: str, day: str, counted: str
) -> list[Observation]:
    found = connection.execute(
        f"select {day}, count(*), {counted} from {relation} where {_is_known(day)} group by 1"
    ).fetchall()
    return [Observation(at, int(part) / int(rows), int(rows)) for at, rows, part in found]


def _new_categories(
    connection: duckdb.DuckDBPyConnection, relation: str, day: str, column: str
) -> list[Observation]:
    """Return each day's share of rows whose value no day before it had."""
    name = quote_name(column)
    found = connection.execute(
        f"with counted as (select {day} as day, {name} as value, count(*) as n from {relation}"
        f" where {_is_known(day)} group by 1, 2),"
        " dated as (select *, min(day) over (partition by value) as first from counted)"
        " select day, sum(n), coalesce(sum(n) filter (where first = day and value is not null), 0)"
        " from dated group by day"
    ).fetchall()
    return [Observation(at, int(new) / int(rows), int(rows)) for at, rows, new in found]


def _drift(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    day: str,
    measure: WatchedMeasure,
    accepted: Collection[date],
) -> Series:
    """Measure how far each day after the reference lies from it."""
    start, end, method = measure.reference_from, measure.reference_to, measure.method
    if start is None or end is None or method is None:
        raise QualityError(f"the drift of {measure.column} has no reference or no method")
    within = f"{day} between '{start}' and '{end}' and {quote_name(measure.column)} is not null"
    later = f"{day} > '{end}' and {_is_known(day)} and {quote_name(measure.column)} is not null"
    bin_of = _bin(connection, relation, measure.column, within, method)
    reference = dict(
        connection.execute(
            f"select {bin_of} as bin, count(*) from {relation} where {within} group by 1"
        ).fetchall()
    )
    days: dict[date, dict[int, int]] = {}
    for at, number, count in connection.execute(
        f"select {day}, {bin_of} as bin, count(*) from {relation} where {later} group by 1, 2"
    ).fetchall():
        days.setdefault(at, {})[number] = count
    if days and not reference:
        raise QualityError(
            f"the drift of {measure.column} cannot be told: no value from {start} to {end}",
            todo="name days in the contract's reference that the table has",
        )
    bins = sorted({*reference, *(number for counts in days.values() for number in counts)})
    expected = [reference.get(number, 0) for number in bins]
    distance = _DISTANCES[method]
    observations = [
        Observation(at, distance(expected, counts), sum(counts))
        for at in sorted(set(days) - set(accepted))
        if (counts := [days[at].get(number, 0) for number in bins])
    ]
    return Series(
        measure, tuple(observations), noise_of_drift(method, len(bins), max(sum(expected), 1))
    )


def _bin(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    column: str,
    within: str,
    method: DriftMethod,
) -> str:
    """Write in SQL which bin a value falls into; the reference decides where they lie."""
    name = quote_name(column)
    kind = connection.execute(f"select typeof({name}) from {relation} limit 1").fetchall()
    is_number = bool(kind) and kind[0][0].startswith(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
    )
    if is_number:
        count = _NUMBER_BINS.get(method, _DECILES)
        shares = [position / count for position in range(1, count)]
        found = connection.execute(
            f"select quantile_disc({name}, {shares}) from {relation} where {within}"
        ).fetchall()[0][0]
        edges = sorted({float(each) for each in found or [] if isfinite(each)})
        whens = "".join(
            f" when {name} <= {edge!r} then {number}" for number, edge in enumerate(edges)
        )
        return f"case{whens} else {len(edges)} end" if edges else "0"
    frequent = connection.execute(
        f"select {name}::varchar from {relation} where {within} group by 1"
        f" order by count(*) desc, 1 limit {_TEXT_BINS}"
    ).fetchall()
    values = [str(each[0]).replace("'", "''") for each in frequent]
    whens = "".join(f" when '{text}' then {number}" for number, text in enumerate(values))
    return f"case {name}::varchar{whens} else {len(values)} end" if values else "0"


_DISTANCES = {
    DriftMethod.PSI: population_stability_index,
    DriftMethod.KL: kullback_leibler,
    DriftMethod.JS: jensen_shannon,
    DriftMethod.KS: kolmogorov_smirnov,
}
