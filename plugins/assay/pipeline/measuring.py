"""What an audit measures beside its suite: service levels, and the new days of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from assay.domain import (
    CheckResult,
    Contract,
    DayMeasure,
    Layer,
    Measure,
    TableRef,
    TableVersion,
    Watch,
)
from assay.errors import QualityError, advise_on_disk
from assay.pipeline.project import Project
from assay.quality import (
    AuditedTable,
    describe_error,
    judge_series,
    judge_slas,
    measure_days,
    measure_table,
    new_days,
    to_error,
    to_records,
    to_result,
)
from assay.storage import scan, scan_sample, table_statistics

if TYPE_CHECKING:
    import duckdb

_BASE = "base_table"
# Distinct values and quantiles of larger tables are those of a sample of about so many rows.
_SAMPLED_ROWS = 200_000


@dataclass
class Measurements:
    """What the audits of a layer measured, to be recorded in one commit a table of records."""

    measures: list[Measure] = field(default_factory=list)
    days: list[DayMeasure] = field(default_factory=list)

    def record(self, project: Project) -> None:
        project.records.measures.append(self.measures)
        project.records.day_measures.append(self.days)


@dataclass(frozen=True)
class MeasuredTable:
    """A table version to be measured: its contract, its version in the base, what is known.

    ``known`` are the measures that an earlier audit of the same version took; they stand.
    """

    audited: AuditedTable
    contract: Contract | None
    base_version: int | None
    known: Sequence[Measure] = ()

    @property
    def table(self) -> TableRef:
        return self.audited.table_version.table

    @property
    def is_main(self) -> bool:
        """Whether the contract's service levels and watch speak of this very table."""
        return self.contract is not None and self.table.layer in (Layer.SILVER, Layer.GOLD)


def measure_and_judge(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    measured: MeasuredTable,
    into: Measurements,
) -> list[CheckResult]:
    """Measure a table under audit; return the checks of its service levels and new days.

    Raises:
        QualityError: the table cannot be measured.
    """
    import duckdb

    audited, contract = measured.audited, measured.contract
    slas = contract.slas if contract and measured.is_main else ()
    try:
        measures = list(measured.known) or _measure(project, connection, relation, measured)
        results = judge_slas(slas, _aged(measures, audited.checked_at_utc), audited)
        if contract and contract.watch and measured.is_main:
            results += _watch(project, connection, relation, measured, contract.watch, into)
    except duckdb.Error as error:
        raise QualityError(
            f"{audited.table_version} could not be measured: {describe_error(str(error), ())}",
            where=f"run {audited.run_id}",
            todo=advise_on_disk(audited.product),
        ) from error
    if not measured.known:
        ended = project.clock()
        took = (ended - audited.checked_at_utc).total_seconds()
        into.measures += [each if each.column else _lasting(each, took) for each in measures]
    return results


def _measure(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    measured: MeasuredTable,
) -> list[Measure]:
    columns = measured.contract.columns if measured.contract else ()
    hidden = {each.name for each in columns if each.is_protected}
    path, version = project.table_path(measured.table), measured.audited.table_version.version
    one_in = measured.audited.rows // _SAMPLED_ROWS
    return measure_table(
        connection,
        relation,
        measured.audited,
        is_text_only=measured.table.layer in (Layer.BRONZE, Layer.QUARANTINE),
        hidden=hidden,
        shown_texts={each.name for each in columns},
        statistics=table_statistics(path, version),
        sample=scan_sample(path, version, one_in) if one_in > 1 else "",
    )


def _watch(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    measured: MeasuredTable,
    watch: Watch,
    into: Measurements,
) -> list[CheckResult]:
    audited, base = measured.audited, measured.base_version
    days = []
    if base != audited.table_version.version:
        if base is not None:
            path = str(project.table_path(measured.table))
            connection.execute(f"create or replace view {_BASE} as from {scan(path, base)}")
        days = new_days(
            connection,
            relation,
            _BASE if base is not None else None,
            watch,
            audited_on=audited.checked_at_utc.date(),
            base_audited_on=_base_audited_on(project, measured) if watch.settle_days else None,
        )
    if not days:
        return [to_result(each, (), audited) for each in watch.measures]
    results = []
    for each in watch.measures:
        try:
            series = measure_days(connection, relation, watch, each)
        except QualityError as error:
            results.append(to_error(each, error.what, audited))
            continue
        verdicts = judge_series(series, days)
        results.append(to_result(each, verdicts, audited, days, watch.accepted_days))
        into.days += to_records(each, verdicts, audited)
    return results


def _base_audited_on(project: Project, measured: MeasuredTable) -> date | None:
    """Tell the day on which the base's version was measured; None where it never was."""
    if measured.base_version is None:
        return None
    base = TableVersion(measured.table, measured.base_version)
    found = project.records.measures_of([base])[base]
    return min((each.measured_at_utc.date() for each in found), default=None)


def _aged(measures: Sequence[Measure], now: datetime) -> list[Measure]:
    """Tell the freshness of now: what was measured before was younger then."""
    return [
        replace(each, freshness_seconds=(now - each.newest_at_utc).total_seconds())
        if each.newest_at_utc
        else each
        for each in measures
    ]


def _lasting(measure: Measure, seconds: float) -> Measure:
    return replace(measure, duration_seconds=seconds)
