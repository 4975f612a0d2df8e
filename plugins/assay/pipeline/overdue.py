"""Tables that are older than their contracts promise, though nothing about them changes.

An audit judges a table when it changes; one that nobody delivers any more is never audited. So
its age is told from the records: what was measured of the released version, and the deliveries.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.domain import (
    Contract,
    Load,
    LoadStatus,
    Measure,
    OverdueNotice,
    Release,
    Severity,
    Sla,
    SlaKind,
    TableRef,
    TableVersion,
)
from assay.errors import StorageError, TablesOverdue
from assay.pipeline.notify import notify_overdue
from assay.pipeline.project import Project
from assay.quality import describe_duration, describe_limit, is_in_future

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
        found += _too_old(contract, known, _released_at(releases, contract, version), now_utc)
        began = newest.get(contract.table) or _released_at(releases, contract)
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


@contextmanager
def telling_overdue(project: Project, product: str, run_id: str) -> Iterator[list[Overdue]]:
    """Collect what is overdue; when the block is left, however, log it and tell people the news.

    News is what no notification that was taken told of before. Of what is critical the
    notification of the failure tells, where that is why the run stops. Enter this before the
    product's lock: a webhook may take seconds to answer.
    """
    found: list[Overdue] = []
    told = found
    try:
        yield found
    except TablesOverdue:
        told = [each for each in found if each.severity is not Severity.CRITICAL]
        raise
    finally:
        for each in found:
            _log.warning("table_overdue product=%s run=%s %s", product, run_id, each.what)
        _tell_news(project, product, run_id, told)


def _tell_news(project: Project, product: str, run_id: str, overdue: Sequence[Overdue]) -> None:
    if not (overdue and project.settings.webhook_url):
        return
    notices = project.records.overdue_notices
    try:
        known = {(n.table, n.check, n.column, n.since_utc) for n in notices.read(product=product)}
        news = [each for each in overdue if _key(each) not in known]
        if not news or not notify_overdue(
            project.settings.webhook_url,
            product=product,
            run_id=run_id,
            overdue=[each.what for each in news],
            clock=project.clock,
        ):
            return
        told_at = project.clock()
        notices.append([OverdueNotice(run_id, product, *_key(each), told_at) for each in news])
    except StorageError as error:
        _log.warning("notification_failed run=%s %s", run_id, error)


def _key(overdue: Overdue) -> tuple[str, str, str, datetime]:
    return str(overdue.table), overdue.check, overdue.column, overdue.since_utc


def _measured(contracts: Collection[Contract], release: Release) -> Iterator[TableVersion]:
    for contract in contracts:
        version = release.version_of(contract.main_table)
        if version is not None and _of_kind(contract, SlaKind.FRESHNESS):
            yield TableVersion(contract.main_table, version)


def _of_kind(contract: Contract, kind: SlaKind) -> list[Sla]:
    return [sla for sla in contract.slas if sla.kind is kind]


def _released_at(
    releases: Sequence[Release], contract: Contract, version: int | None = None
) -> datetime:
    """Return when a table was first released, or that version of it."""
    versions = [(each.version_of(contract.main_table), each) for each in releases]
    return min(
        release.published_at_utc
        for found, release in versions
        if found is not None and version in (None, found)
    )


def _newest_deliveries(loads: Collection[Load]) -> Mapping[str, datetime]:
    """Say by table when something readable was last delivered; a replay is no delivery."""
    found: dict[str, datetime] = {}
    for load in loads:
        if load.status is LoadStatus.LANDED and not load.is_replay:
            found[load.table] = max(load.landed_at_utc, found.get(load.table, load.landed_at_utc))
    return found


def _too_old(
    contract: Contract, measures: Collection[Measure], began_utc: datetime, now_utc: datetime
) -> Iterator[Overdue]:
    """Judge the age of a released version by what was measured of it; not where nothing was.

    One without a value that tells its age, or whose newest lies in the future, counts from
    ``began_utc``.
    """
    columns = {each.column: each for each in measures}
    for sla in _of_kind(contract, SlaKind.FRESHNESS):
        measure = columns.get(sla.column)
        if measure is None:
            continue
        table, newest = contract.main_table, measure.newest_at_utc
        agreed = f"at most {describe_limit(sla.limit)} was agreed"
        if newest is None:
            what = f"{table} is overdue: no value of {sla.column} tells its age; {agreed}"
            yield _overdue(table, sla, what, began_utc)
            continue
        age = (now_utc - newest).total_seconds()
        if is_in_future(age):
            what = f"{table} is overdue: its newest {sla.column} lies in the future:"
            what = f"{what} {describe_duration(-age)} from now; {agreed}"
            yield _overdue(table, sla, what, began_utc)
        elif age > sla.limit:
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
        agreed = f"a delivery every {describe_limit(sla.limit)} was agreed"
        since = began_utc + timedelta(seconds=_PERIODS * sla.limit)
        yield _overdue(contract.main_table, sla, f"{name} is overdue: it {found}; {agreed}", since)


def _overdue(table: TableRef, sla: Sla, what: str, since_utc: datetime) -> Overdue:
    return Overdue(table, sla.kind.value, sla.column, sla.severity, what, since_utc)
