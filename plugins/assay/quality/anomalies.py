"""Judges the new days of a table by the days before them. Pure but for the measuring itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from statistics import median

from assay.domain import (
    CheckResult,
    CheckStatus,
    DayMeasure,
    DayMeasureKind,
    DriftMethod,
    WatchedMeasure,
)
from assay.quality.day_measures import Series
from assay.quality.results import AuditedTable
from assay.quality.seasonal import (
    Direction,
    Observation,
    Sensitivity,
    Verdict,
    judge_day,
    tail_of,
)

SUITE = "anomaly"
_NAMED_DAYS = 5
_JUDGED_DAYS = 366
# What was usual longer ago is not usual now.
_HISTORY_DAYS = 2 * 365
# The smallest distance that matters where the contract names none. A PSI below 0.1 is commonly
# taken for no shift; near zero KL is a half and JS an eighth of it.
_DRIFT_AT_LEAST = {
    DriftMethod.PSI: 0.1,
    DriftMethod.KL: 0.05,
    DriftMethod.JS: 0.0125,
    DriftMethod.KS: 0.1,
}
_NULL_SHARE_AT_LEAST = 0.01
_DEFAULT = Sensitivity()


def judge_series(series: Series, days: Collection[date]) -> list[Verdict]:
    """Judge these days, each by the days of the series before it.

    Of many days at once, as a first delivery brings them, the last ones are judged; the others
    are history.
    """
    how = _sensitivity(series.measure)
    wanted = set(sorted(days)[-_JUDGED_DAYS:])
    history = series.observations
    observed = [place for place, each in enumerate(history) if each.day in wanted]
    if series.measure.kind is not DayMeasureKind.NEW_CATEGORIES:
        return [
            judge_day(
                history[max(place - _HISTORY_DAYS, 0) : place], history[place], how, series.noise
            )
            for place in observed
        ]
    return [_judge_new_categories(history[:place], history[place], how) for place in observed]


def _judge_new_categories(
    history: Sequence[Observation], observed: Observation, how: Sensitivity
) -> Verdict:
    """Judge a day's share of values that are new by how often this table has new ones.

    Any is odd where the days before hardly ever had one. The first days, on which much is new,
    tell what is usual, and nothing of what is rare.
    """
    verdict = Verdict(observed.day, observed.value, observed.rows, is_judged=False)
    if len(history) < how.minimum_days:
        return verdict
    usual = median(each.value for each in history)
    tail = tail_of([each.value for each in history[how.minimum_days :]], how)
    limit = max(how.at_least, how.factor * max(usual, tail))
    is_anomaly = observed.value > limit
    return replace(verdict, is_judged=True, is_anomaly=is_anomaly, usual=usual, limit=limit)


def to_result(
    measure: WatchedMeasure,
    verdicts: Sequence[Verdict],
    audited: AuditedTable,
    days: Collection[date] = (),
    accepted: Collection[date] = (),
) -> CheckResult:
    """Write what became of the new days as one check; it fails with the first odd day.

    ``days`` are the table's new ones: the measure may have no value on some, and so no verdict.
    Nor has a day that is ``accepted`` as odd.
    """
    odd = [each for each in verdicts if each.is_anomaly]
    subject = f"{measure.name}{f' of {measure.column}' if measure.column else ''}"
    status = CheckStatus.FAILED if odd else CheckStatus.PASSED
    observed = _odd(measure, odd) if odd else _judged(verdicts, set(days), set(accepted))
    if odd:
        verb = "is unlike the days before"
    elif any(each.is_judged for each in verdicts):
        verb = "is like the days before"
    else:
        verb = "is not judged yet" if verdicts else "is not judged"
    return audited.result(
        SUITE,
        measure.name,
        status,
        measure.severity,
        observed=observed,
        expected=_expected(measure),
        message=f"{subject} {verb}: {observed}",
        column=measure.column,
        unexpected_count=len(odd),
    )


def to_error(measure: WatchedMeasure, why: str, audited: AuditedTable) -> CheckResult:
    """Write that a measure could not be taken: it does not pass."""
    return audited.result(
        SUITE,
        measure.name,
        CheckStatus.ERRORED,
        measure.severity,
        observed=why,
        expected=_expected(measure),
        message=f"{measure.name} of {measure.column} could not be measured: {why}",
        column=measure.column,
    )


def to_records(
    measure: WatchedMeasure, verdicts: Sequence[Verdict], audited: AuditedTable
) -> list[DayMeasure]:
    """Write the new days down, one record each."""
    return [
        DayMeasure(
            run_id=audited.run_id,
            product=audited.product,
            table=str(audited.table_version.table),
            version=audited.table_version.version,
            check=measure.name,
            column=measure.column,
            day=each.day.isoformat(),
            value=each.value,
            rows=each.rows,
            is_judged=each.is_judged,
            is_anomaly=each.is_anomaly,
            usual=each.usual,
            score=each.score,
            limit=each.limit,
            measured_at_utc=audited.checked_at_utc,
        )
        for each in verdicts
    ]


def _sensitivity(measure: WatchedMeasure) -> Sensitivity:
    default = {
        DayMeasureKind.NULL_SHARE: _NULL_SHARE_AT_LEAST,
        DayMeasureKind.DRIFT: _DRIFT_AT_LEAST[measure.method or DriftMethod.PSI],
    }.get(measure.kind, 0.0)
    is_count = measure.kind is DayMeasureKind.ROWS
    return Sensitivity(
        direction=Direction.BOTH if is_count else Direction.HIGH,
        season=measure.season,
        at_least=default if measure.at_least is None else measure.at_least,
        score=_DEFAULT.score if measure.score is None else measure.score,
        factor=_DEFAULT.factor if measure.factor is None else measure.factor,
        is_count=is_count,
    )


def _expected(measure: WatchedMeasure) -> str:
    if measure.kind is DayMeasureKind.NEW_CATEGORIES:
        return "values that days before had"
    season = {"weekday": "the same weekdays", "month": "days of the same month"}
    return f"near what {season.get(measure.season.value, 'the days')} before let expect"


def _odd(measure: WatchedMeasure, odd: Sequence[Verdict]) -> str:
    named = "; ".join(
        f"{each.day}: {_amount(measure, each.value)} (usual {_amount(measure, each.usual)})"
        for each in odd[:_NAMED_DAYS]
    )
    more = len(odd) - _NAMED_DAYS
    return f"{named}; and {more} more days" if more > 0 else named


def _judged(verdicts: Sequence[Verdict], days: set[date], accepted: set[date]) -> str:
    if not verdicts and days:
        unread = len(days - accepted)
        if not unread:
            return "no new day but accepted ones"
        return f"no value on {'the new day' if unread == 1 else f'the {unread} new days'}"
    if not verdicts:
        return "no new day"
    early = sum(not each.is_judged for each in verdicts)
    if len(verdicts) == 1:
        return "1 new day, with too little history" if early else "1 new day"
    tail = f", {early} of them with too little history" if early else ""
    return f"{len(verdicts)} new days{tail}"


def _amount(measure: WatchedMeasure, value: float) -> str:
    if measure.kind is DayMeasureKind.ROWS:
        return f"{value:,.0f} rows"
    if measure.kind is DayMeasureKind.DRIFT:
        return f"{value:.3g}"
    return f"{value:.1%}"
