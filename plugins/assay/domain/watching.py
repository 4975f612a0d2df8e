"""What a contract asks to be watched: service levels, and measures of a table day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assay.domain.runs import Severity


class SlaKind(StrEnum):
    """A service level that is judged: by an audit, the frequency by the deliveries' record."""

    FRESHNESS = "freshness"
    VOLUME = "volume"
    COMPLETENESS = "completeness"
    FREQUENCY = "frequency"


@dataclass(frozen=True)
class Sla:
    """One service level of a table.

    Freshness: the newest value of ``column`` is at most ``limit`` seconds old. Volume: the table
    has from ``limit`` to ``upper`` rows. Completeness: at least ``limit`` (0 to 1) of the values
    of ``column`` are there. Frequency: a delivery comes every ``limit`` seconds.
    """

    kind: SlaKind
    limit: float
    column: str = ""
    upper: float | None = None
    severity: Severity = Severity.WARNING


class Season(StrEnum):
    """Which earlier days a day is like."""

    WEEKDAY = "weekday"
    MONTH = "month"
    NONE = "none"


class DayMeasureKind(StrEnum):
    """What can be measured of each day of a table."""

    ROWS = "rows"
    NULL_SHARE = "nullShare"
    NEW_CATEGORIES = "newCategories"
    DRIFT = "drift"


class DriftMethod(StrEnum):
    """How far two distributions lie apart."""

    PSI = "psi"
    KL = "kl"
    JS = "js"
    KS = "ks"


@dataclass(frozen=True)
class WatchedMeasure:
    """One measure that is watched day by day. None stands for the measure's own default.

    ``at_least`` is the smallest distance from the usual that matters, in the measure's unit;
    ``score`` and ``factor`` are the limits of ``assay.quality.seasonal``. The days from
    ``reference_from`` to ``reference_to`` are what drift is measured from.
    """

    kind: DayMeasureKind
    column: str = ""
    severity: Severity = Severity.WARNING
    season: Season = Season.WEEKDAY
    at_least: float | None = None
    score: float | None = None
    factor: float | None = None
    method: DriftMethod | None = None
    reference_from: date | None = None
    reference_to: date | None = None

    @property
    def name(self) -> str:
        """The name of its check, such as ``null_share_by_day``."""
        words = "".join(f"_{c.lower()}" if c.isupper() else c for c in self.kind.value)
        method = f"_{self.method.value}" if self.method else ""
        return f"{words}_by_day{method}"


@dataclass(frozen=True)
class Watch:
    """What is watched of a table, by the day that ``day_column`` gives a row.

    A day is judged when ``settle_days`` later days are there or due; ``accepted_days`` are
    known to be odd: they are neither judged nor history.
    """

    day_column: str
    measures: tuple[WatchedMeasure, ...]
    settle_days: int = 0
    accepted_days: tuple[date, ...] = ()
