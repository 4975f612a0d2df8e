"""The stages that audit: a layer's new table versions, each against its suite."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assay.domain import BoundTable, CheckResult, Layer, Release, Stage, TableRef, TableVersion
from assay.errors import AssayError, AuditFailed
from assay.lineage import AuditRun, DatasetState, ParentRun, name_audit_job, name_table
from assay.pipeline.audit_plan import due_audits
from assay.pipeline.audit_reads import bind_other_tables, visible_tables
from assay.pipeline.dbt_tests import run_dbt_tests
from assay.pipeline.gate import contracts_by_table
from assay.pipeline.manifest import base_release, run_manifest
from assay.pipeline.measuring import MeasuredTable, Measurements, measure_and_judge
from assay.pipeline.project import Project
from assay.pipeline.stage import StageContext, open_stage
from assay.quality import AuditedTable, judge, load_suite, run_suite
from assay.storage import open_connection, scan
from assay.transform import Model

_log = logging.getLogger(__name__)

# Not the table's own name: that may be a word which SQL reserves.
_AUDITED = "audited_table"
_STAGES = {
    Layer.BRONZE: Stage.AUDIT_BRONZE,
    Layer.SILVER: Stage.AUDIT_SILVER,
    Layer.GOLD: Stage.AUDIT_GOLD,
}


def audit_layer(
    project: Project, run_id: str, layer: Layer, parent: ParentRun | None = None
) -> list[CheckResult]:
    """Audit what a run wrote in one layer, and the tables there that need it anew: their suite
    or another table that they read has changed, or no audit has passed at the version that would
    be released.

    Every table is audited before the first refusal is raised, so that a person sees all.
    Returns the results; nothing where the run touches no table of the layer.

    Raises:
        AuditFailed: a table did not pass.
        QualityError: a suite cannot be read.
        RunSuperseded: the run is over.
    """
    with open_stage(project, run_id, _STAGES[layer], parent) as context:
        audit = _open_layer(context, layer)
        results: list[CheckResult] = []
        refusals: list[AssayError] = []
        tables = _tables_to_audit(audit)
        tested = run_dbt_tests(context, tables, audit.models, project.clock())
        measurements = Measurements()
        for measured in _to_measure(audit, tables):
            try:
                found = _audit(audit, measured, tested.get(measured.table, []), measurements)
                results += found
                judge(found, project.settings.expectations_path)
            except AssayError as error:
                refusals.append(error)
        measurements.record(project)
        if refusals:
            raise _summarise(refusals, layer, run_id)
        return results


@dataclass(frozen=True)
class _LayerAudit:
    """What the audits of one layer have in common.

    ``versions`` and ``rows`` are of all of the product's tables, ``visible`` what checks may read.
    """

    context: StageContext
    layer: Layer
    models: Mapping[str, Model]
    versions: Mapping[TableRef, int]
    rows: Mapping[TableRef, int]
    base: Release | None
    visible: Mapping[TableRef, BoundTable]


def _open_layer(context: StageContext, layer: Layer) -> _LayerAudit:
    project, run = context.project, context.run
    models, base = project.dbt.models(), base_release(project, run)
    manifest = run_manifest(project, run, models, base)
    visible = visible_tables(project, run, layer, manifest.tables)
    return _LayerAudit(context, layer, models, manifest.tables, manifest.rows, base, visible)


def _tables_to_audit(audit: _LayerAudit) -> list[tuple[TableVersion, int]]:
    project, run = audit.context.project, audit.context.run
    layers = {audit.layer, Layer.QUARANTINE} if audit.layer is Layer.SILVER else {audit.layer}
    own = {table: version for table, version in audit.versions.items() if table.layer in layers}
    audits = project.records.checks_of(own)
    due = due_audits(project, run, audit.models, audit.base, own)
    return [
        (TableVersion(table, version), audit.rows[table])
        for table, version in sorted(own.items())
        if table in due or not _has_passed(audits[TableVersion(table, version)])
    ]


def _has_passed(newest_audit: list[CheckResult]) -> bool:
    """A released version may have failed since, in a run that audited it by another suite."""
    try:
        judge(newest_audit)
    except AuditFailed:
        return False
    return True


def _to_measure(
    audit: _LayerAudit, tables: Sequence[tuple[TableVersion, int]]
) -> Iterator[MeasuredTable]:
    project, run, base = audit.context.project, audit.context.run, audit.base
    contracts = contracts_by_table(project.contracts(run.product))
    known = project.records.measures_of([each for each, _ in tables])
    for table_version, rows in tables:
        table = table_version.table
        yield MeasuredTable(
            AuditedTable(run.run_id, run.product, table_version, rows, project.clock()),
            contracts.get(table),
            base.version_of(table) if base else None,
            known[table_version],
        )


def _audit(
    audit: _LayerAudit,
    measured: MeasuredTable,
    tested: Sequence[CheckResult],
    measurements: Measurements,
) -> list[CheckResult]:
    context, audited = audit.context, measured.audited
    project, run = context.project, context.run
    table_version, rows, began = audited.table_version, audited.rows, audited.checked_at_utc
    table = table_version.table
    error = ""
    results: list[CheckResult] = []
    reads: list[BoundTable] = []
    try:
        suite = load_suite(project.settings.expectations_path, run.product, table)
        settings = project.settings
        with open_connection(settings.memory_limit, settings.threads) as connection:
            path = str(project.table_path(table))
            connection.execute(
                f"create view {_AUDITED} as from {scan(path, table_version.version)}"
            )
            reads = bind_other_tables(connection, suite, audit.visible)
            results = run_suite(
                connection,
                _AUDITED,
                suite,
                run_id=run.run_id,
                product=run.product,
                table_version=table_version,
                row_count=rows,
                checked_at_utc=began,
            )
            results += measure_and_judge(project, connection, _AUDITED, measured, measurements)
        # One audit, one moment: a table's newest results are those of one time.
        results += [replace(each, checked_at_utc=began) for each in tested]
        project.records.checks.append(results)
    except Exception as failure:
        error = type(failure).__name__
        raise
    finally:
        event = AuditRun(
            name_audit_job(run.product, table),
            began,
            project.clock(),
            DatasetState(name_table(table), version=table_version.version, row_count=rows),
            checks=results,
            error=error,
            reads=[DatasetState(name_table(each.table), version=each.version) for each in reads],
        )
        project.emitter.emit_audit(context.parent, event)
    return results


def _summarise(refusals: list[AssayError], layer: Layer, run_id: str) -> AssayError:
    if len(refusals) == 1:
        return refusals[0]
    lines = "".join(f"\n  {error.what}" for error in refusals)
    return AuditFailed(
        f"{len(refusals)} tables of {layer.value} did not pass their audits:{lines}",
        where=f"run {run_id}",
        todo=refusals[0].todo,
    )
