"""The last stage: a release, if everything passed at exactly these versions."""

from __future__ import annotations

import shutil
from collections.abc import Collection

from assay.domain import CheckResult, Release, Run, Stage, StageState, TableRef
from assay.errors import AuditFailed, PolicyError
from assay.lineage import ParentRun
from assay.pipeline.audit_plan import due_audits
from assay.pipeline.manifest import (
    CandidateManifest,
    base_release,
    require_whole,
    run_manifest,
)
from assay.pipeline.project import Project
from assay.pipeline.stage import open_stage, record_event
from assay.quality import judge, summarize

CHECK_STATES = ("passed", "warned", "failed", "errored")


def publish_run(project: Project, run_id: str, parent: ParentRun | None = None) -> Release:
    """Publish a run's candidate manifest as the product's next release.

    Run again, it returns the release that it made, as long as that is the current one.

    Raises:
        AuditFailed: a table has no passed audit at exactly the version to be published, or the
            run did not make it though it had to.
        PolicyError: the gate was not passed by exactly this manifest.
        ReleaseConflict: the current release is no longer the run's base.
        RunSuperseded: the run is over.
    """
    published = _published(project, run_id)
    if published is not None:
        return published
    with open_stage(project, run_id, Stage.PUBLISH, parent) as context:
        run = context.run
        models = project.dbt.models()
        base = base_release(project, run)
        manifest = run_manifest(project, run, models, base)
        require_whole(run, manifest, models)
        due = due_audits(project, run, models, base, manifest.tables)
        checks = _require_audits(project, run, manifest, due)
        _require_gate(project, run, manifest)
        release = _release(project, run, manifest, base, checks)
        project.releases.publish(release)
        shutil.rmtree(project.scratch(run_id), ignore_errors=True)
        return release


def _published(project: Project, run_id: str) -> Release | None:
    """Return a run's release where it is the current one: killed just after it was published,
    this stage has nothing left to do but to end.
    """
    run = project.records.get_run(run_id)
    current = project.releases.current(run.product)
    if current is None or current.run_id != run_id:
        return None
    events = project.records.events_of(run_id)
    if (Stage.PUBLISH, StageState.SUCCEEDED) not in {(e.stage, e.state) for e in events}:
        record_event(project, run, Stage.PUBLISH, StageState.SUCCEEDED)
        shutil.rmtree(project.scratch(run_id), ignore_errors=True)
    return current


def _require_audits(
    project: Project, run: Run, manifest: CandidateManifest, due: Collection[TableRef]
) -> list[CheckResult]:
    """Return the newest audit of each table; of those in ``due`` the run itself has to have made
    it: an earlier one may have passed another suite.
    """
    checks: list[CheckResult] = []
    for table_version, found in project.records.checks_of(manifest.tables).items():
        if not found:
            raise AuditFailed(
                f"{table_version} has no audit: it cannot be released",
                todo="run its audit stage again",
            )
        if table_version.table in due and any(each.run_id != run.run_id for each in found):
            raise AuditFailed(
                f"run {run.run_id} has not audited {table_version}, which it has to: it wrote the"
                " table, or what the table is audited by or with has changed",
                where=f"its newest audit is that of run {found[0].run_id}",
                todo="run its audit stage again",
            )
        judge(found)
        checks += found
    return checks


def _require_gate(project: Project, run: Run, manifest: CandidateManifest) -> None:
    gate = project.records.last_gate(run.run_id)
    tables = {str(table): version for table, version in manifest.tables.items()}
    if gate is None or not gate.allowed or dict(gate.tables) != tables:
        raise PolicyError(
            f"run {run.run_id} has not passed the policy gate with exactly these versions",
            todo="run its gate stage again",
        )


def _release(
    project: Project,
    run: Run,
    manifest: CandidateManifest,
    base: Release | None,
    checks: list[CheckResult],
) -> Release:
    counts = summarize(checks)
    return Release(
        product=run.product,
        number=run.base_release + 1,
        kind="publish",
        run_id=run.run_id,
        base=run.base_release,
        tables={str(table): version for table, version in manifest.tables.items()},
        rows={str(table): rows for table, rows in manifest.rows.items()},
        loads=tuple(sorted({*(base.loads if base else ()), *run.load_ids})),
        reads=run.pins,
        fingerprints=run.fingerprints,
        contracts={c.path: c.version for c in project.contracts(run.product)},
        checks={state: getattr(counts, state) for state in CHECK_STATES},
        code_revision=run.code_revision,
        code_dirty=run.code_dirty,
        code_tree_hash=run.code_tree_hash,
        published_at_utc=project.clock(),
    )
