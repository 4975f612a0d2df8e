"""What a contract promises of its service, what is watched, and how to move between versions."""

from __future__ import annotations

from assay.contracts.pages.markdown import Block, blocks, code, heading, plain, table
from assay.contracts.pages.rules import consequence
from assay.domain import (
    Contract,
    DayMeasureKind,
    Season,
    ServiceLevel,
    Sla,
    SlaKind,
    WatchedMeasure,
)

_SEASONS = {
    Season.WEEKDAY: "the same weekday before",
    Season.MONTH: "the same month before",
    Season.NONE: "all days before",
}


def service_levels(contract: Contract, level: int) -> Block:
    """Write what the table promises as a whole; which of it is checked."""
    if not contract.service_levels:
        return []
    rows = [
        (
            plain(promise.name),
            _promise(promise),
            promise.judged.severity.value if promise.judged else "",
            consequence(promise.judged.severity)
            if promise.judged
            else "nothing checks it: it is for people",
        )
        for promise in contract.service_levels
    ]
    header = ("service level", "what is promised", "severity", "what happens when it is missed")
    return blocks(heading(level, "Service levels"), table(header, rows))


def watched(contract: Contract, level: int) -> Block:
    """Write what is watched from day to day."""
    watch = contract.watch
    if watch is None:
        return []
    said = [
        f"Each day of {code(watch.day_column)} is measured and held against days before it; a day"
        " that is unlike them is named in the run's summary."
    ]
    if watch.settle_days:
        said.append(f"A day is judged when the table has one {watch.settle_days} later.")
    if watch.accepted_days:
        days = ", ".join(map(str, watch.accepted_days))
        said.append(f"Known to be odd, neither judged nor held against: {days}.")
    rows = [
        (_measure(each), _held_against(each), each.severity.value, consequence(each.severity))
        for each in watch.measures
    ]
    header = ("measure of a day", "held against", "severity", "what happens on an odd day")
    return blocks(heading(level, "What is watched"), [" ".join(said)], table(header, rows))


def migration_notes(contract: Contract, level: int) -> Block:
    """Write what users of an earlier version have to do, in the order of the contract."""
    if not contract.migration_notes:
        return []
    rows = [(plain(version), plain(text)) for version, text in contract.migration_notes.items()]
    title = heading(level, "Moving to a newer version")
    return blocks(title, table(("to version", "what to do"), rows))


def _promise(promise: ServiceLevel) -> str:
    sla = promise.judged
    told = _judged(promise, sla) if sla else _amount(promise)
    element = f" of {code(promise.element)}" if promise.element and sla is None else ""
    note = f": {plain(promise.description)}" if promise.description else ""
    return f"{told}{element}{note}"


def _judged(promise: ServiceLevel, sla: Sla) -> str:
    if sla.kind is SlaKind.FRESHNESS:
        return f"the newest {code(sla.column)} is at most {_amount(promise)} old"
    if sla.kind is SlaKind.COMPLETENESS:
        return f"{code(sla.column)} is there in at least {_amount(promise)} of the rows"
    if sla.kind is SlaKind.FREQUENCY:
        return f"a delivery comes every {_amount(promise)}"
    most = f" and at most {sla.upper:,.10g}" if sla.upper is not None else ""
    return f"the table has at least {sla.limit:,.10g}{most} rows"


def _amount(promise: ServiceLevel) -> str:
    return plain(f"{promise.value} {promise.unit}")


def _measure(measure: WatchedMeasure) -> str:
    column = code(measure.column)
    if measure.kind is DayMeasureKind.DRIFT:
        return f"how far the distribution of {column} has moved ({_method(measure)})"
    return {
        DayMeasureKind.ROWS: "how many rows it has",
        DayMeasureKind.NULL_SHARE: f"in which share of its rows {column} is absent",
        DayMeasureKind.NEW_CATEGORIES: f"values of {column} that no day before had",
    }[measure.kind]


def _method(measure: WatchedMeasure) -> str:
    method = measure.method.value.upper() if measure.method else ""
    return f"{method} from {measure.reference_from} to {measure.reference_to}"


def _held_against(measure: WatchedMeasure) -> str:
    season = (
        "all days before"
        if measure.kind is DayMeasureKind.NEW_CATEGORIES
        else _SEASONS[measure.season]
    )
    limits = {"atLeast": measure.at_least, "score": measure.score, "factor": measure.factor}
    stated = [f"{name} {limit:g}" for name, limit in limits.items() if limit is not None]
    return f"{season} ({', '.join(stated)})" if stated else season
