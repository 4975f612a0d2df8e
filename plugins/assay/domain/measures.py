"""What was measured of tables: service level indicators, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ColumnStatistics:
    """What a table's log says exactly of a column.

    ``minimum`` and ``maximum`` are texts that SQL casts to the very values; None where all
    values are NULL. Without ``has_bounds`` they are not known.
    """

    nulls: int
    minimum: str | None
    maximum: str | None
    has_bounds: bool = True


@dataclass(frozen=True)
class TableStatistics:
    """What a table version's log says exactly: its rows, and those columns that it knows."""

    rows: int
    columns: Mapping[str, ColumnStatistics]


@dataclass(frozen=True)
class Measure:
    """What an audit measured at one table version. Grain: one row a table version and column.

    The row with an empty ``column`` speaks of the whole table: ``duration_seconds`` is how long
    the audit took. Of a column: ``newest_at_utc`` is the newest of its dates or points in time,
    ``freshness_seconds`` how old that was; ``distinct`` is DuckDB's HyperLogLog, 13 % of standard
    error, so a quarter off now and then; ``quantiles`` of numbers are a t-digest's. Of a table of
    400,000 rows or more both speak of a sample of 200,000 to 400,000, in runs of 2,048 rows: a
    quantile's rank is off by some 0.1 % (one standard error) where rows lie in no order, by up to
    5 % where those of one value lie together, and by 2 % at most where the table is sorted.
    ``minimum`` and ``maximum`` are texts, and absent for personal or classified data, for texts of
    tables without a contract, and for bronze and quarantine.
    """

    run_id: str
    product: str
    table: str
    version: int
    column: str
    rows: int
    measured_at_utc: datetime
    nulls: int | None = None
    null_share: float | None = None
    distinct: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    quantiles: Mapping[str, float] = field(default_factory=dict)
    newest_at_utc: datetime | None = None
    freshness_seconds: float | None = None
    duration_seconds: float | None = None


@dataclass(frozen=True)
class DayMeasure:
    """A watched measure of one new day of a table. Grain: one row an audit, check and day.

    ``usual`` is what the days before it of the same season let expect, ``score`` the distance from
    it in robust deviations, ``limit`` the score above which it is an anomaly. Where
    ``is_judged`` is false there was too little history, or the day is accepted as odd.
    """

    run_id: str
    product: str
    table: str
    version: int
    check: str
    column: str
    day: str
    value: float
    rows: int
    is_judged: bool
    is_anomaly: bool
    usual: float
    score: float
    limit: float
    measured_at_utc: datetime
