"""Tables that are older than their contracts promise, though nothing about them changes.

An audit judges a table when it changes; one that nobody delivers any more is never audited. So
its age is told from the records: what was measured of the released version, and the deliveries.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.domain import (
    Contract,
    Load,
    LoadStatus,
    Measure,
    Release,
    Severity,
    Sla,
    SlaKind,
    Stage,
    StageEvent,
    StageState,
    TableRef,
    TableVersion,
)
from assay.errors import LoadRefused, TablesOverdue
from assay.pipeline.notify import notify_overdue
from assay.pipeline.project import Project
from assay.pipeline.run_states import ROLLBACK_PREFIX
from assay.quality import describe_duration

_log = logging.getLogger(__name__)

# A delivery is missed when half a period more has passed: nobody delivers by the second.
_PERIODS = 1.5


@dataclass(frozen=True)
class Overdue:
    """A table that is older than agreed: its data, or its newest delivery.

    ``check`` and ``column`` are those of the audit's check of the same service level.
    ``since_utc`` is the moment from which on it was too old.
    """

    table: TableRef
    check: str
    column: str
    severity: Severity
    what: str
    since_utc: datetime


def find_overdue(
    project: Project, product: str, now_utc: datetime, *, audited: Collection[str] = ()
) -> tuple[Overdue, ...]:
    """List what of a product's current release is older than agreed; nothing before the first.

    Args:
        audited: names of tables that the run at hand audits: their audit tells their age.

    Raises:
        ContractError: a contract cannot be read.
    """
    releases = project.releases.all(product)
    judged = [c for c in project.contracts(product) if c.slas] if releases else []
    if not judged:
        return ()
    current = releases[-1]
    aging = [c for c in judged if c.main_table.name not in audited]
    measures = project.records.measures_of(list(_measured(aging, current)))
    newest = _newest_deliveries(project.loads.all(product))
    found: list[Overdue] = []
    for contract in judged:
        version = current.version_of(contract.main_table)
        if version is None:
            continue
        known = measures.get(TableVersion(contract.main_table, version), [])
        found += _too_old(contract, known, current, now_utc)
        began = newest.get(contract.table) or _first_released(contract, releases)
        found += _undelivered(contract, began, contract.table in newest, now_utc)
    return tuple(found)


def require_in_time(overdue: Sequence[Overdue]) -> None:
    """Make sure that nothing is overdue whose contract says that it stops the run.

    Raises:
        TablesOverdue: something is; names all of it.
    """
    critical = [each.what for each in overdue if each.severity is Severity.CRITICAL]
    if critical:
        raise TablesOverdue(
            "; ".join(critical),
            todo="have it delivered; or change the service level in the contract if it no longer"
            " holds",
        )


def tell_overdue(project: Project, product: str, run_id: str, overdue: Sequence[Overdue]) -> None:
    """Log what is overdue, and notify people of what became so since a run last looked.

    Of what stops the run the notification of its failure tells.
    """
    for each in overdue:
        _log.warning("table_overdue product=%s run=%s %s", product, run_id, each.what)
    reported = [each for each in overdue if each.severity is not Severity.CRITICAL]
    if not (reported and project.settings.webhook_url):
        return
    looked = _last_looked_at(project, product)
    news = [each.what for each in reported if looked is None or each.since_utc > looked]
    if news:
        notify_overdue(
            project.settings.webhook_url,
            product=product,
            run_id=run_id,
            overdue=news,
            clock=project.clock,
        )


def _last_looked_at(project: Project, product: str) -> datetime | None:
    """Say when a run last looked for what is overdue: one that failed earlier told nobody.

    What a rollback put back is older than what a run looked at before.
    """
    events = project.records.events.read(product=product, stage=Stage.LAND)
    looked = None
    for event in sorted(events, key=lambda each: each.at_utc):
        if event.run_id.startswith(ROLLBACK_PREFIX):
            looked = None
        elif _has_looked(event):
            looked = event.at_utc
    return looked


def _has_looked(event: StageEvent) -> bool:
    is_started = event.state in (StageState.SUCCEEDED, StageState.NOTHING_TO_DO)
    return is_started or event.error_code in (LoadRefused.code, TablesOverdue.code)


def _measured(contracts: Collection[Contract], release: Release) -> Iterator[TableVersion]:
    for contract in contracts:
        version = release.version_of(contract.main_table)
        if version is not None and _of_kind(contract, SlaKind.FRESHNESS):
            yield TableVersion(contract.main_table, version)


def _of_kind(contract: Contract, kind: SlaKind) -> list[Sla]:
    return [sla for sla in contract.slas if sla.kind is kind]


def _first_released(contract: Contract, releases: Sequence[Release]) -> datetime:
    """Return since when the table is released: before, nobody was to deliver it."""
    table = contract.main_table
    return min(each.published_at_utc for each in releases if each.version_of(table) is not None)


def _newest_deliveries(loads: Collection[Load]) -> Mapping[str, datetime]:
    """Say by table when something readable was last delivered; a replay is no delivery."""
    found: dict[str, datetime] = {}
    for load in loads:
        if load.status is LoadStatus.LANDED and not load.is_replay:
            found[load.table] = max(load.landed_at_utc, found.get(load.table, load.landed_at_utc))
    return found


def _too_old(
    contract: Contract, measures: Collection[Measure], release: Release, now_utc: datetime
) -> Iterator[Overdue]:
    """Judge the age of a released version by what was measured of it; not where nothing was."""
    columns = {each.column: each for each in measures}
    for sla in _of_kind(contract, SlaKind.FRESHNESS):
        measure = columns.get(sla.column)
        if measure is None:
            continue
        table, newest = contract.main_table, measure.newest_at_utc
        agreed = f"at most {describe_duration(sla.limit)} was agreed"
        if newest is None:
            what = f"{table} is overdue: no value of {sla.column} tells its age; {agreed}"
            yield _overdue(table, sla, what, release.published_at_utc)
        elif (age := (now_utc - newest).total_seconds()) > sla.limit:
            what = f"{table} is overdue: its newest {sla.column} is {describe_duration(age)} old;"
            yield _overdue(table, sla, f"{what} {agreed}", newest + timedelta(seconds=sla.limit))


def _undelivered(
    contract: Contract, began_utc: datetime, is_delivered: bool, now_utc: datetime
) -> Iterator[Overdue]:
    """Judge how long ago a table was delivered; one that never was counts from ``began_utc``."""
    for sla in _of_kind(contract, SlaKind.FREQUENCY):
        age = (now_utc - began_utc).total_seconds()
        if age <= _PERIODS * sla.limit:
            continue
        name = f"{contract.product}.{contract.table}"
        found = (
            f"was last delivered {describe_duration(age)} ago"
            if is_delivered
            else f"was not delivered in the {describe_duration(age)} since it is released"
        )
        agreed = f"a delivery every {describe_duration(sla.limit)} was agreed"
        since = began_utc + timedelta(seconds=_PERIODS * sla.limit)
        yield _overdue(contract.main_table, sla, f"{name} is overdue: it {found}; {agreed}", since)


def _overdue(table: TableRef, sla: Sla, what: str, since_utc: datetime) -> Overdue:
    return Overdue(table, sla.kind.value, sla.column, sla.severity, what, since_utc)
