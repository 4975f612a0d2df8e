"""The policy gate: rules decide whether a run's candidate manifest may be published."""

from __future__ import annotations

from assay.domain import (
    Contract,
    Decision,
    GateRecord,
    Layer,
    Stage,
    TableRef,
)
from assay.errors import PolicyDenied
from assay.lineage import ParentRun
from assay.pipeline.manifest import (
    CandidateManifest,
    base_release,
    require_whole,
    run_manifest,
)
from assay.pipeline.project import Project
from assay.pipeline.stage import StageContext, open_stage
from assay.policy import EmbeddedEngine, OpaServer, PolicyEngine, decide, publish_document
from assay.storage import column_types

_DOMAIN = "publish"


def pass_gate(project: Project, run_id: str, parent: ParentRun | None = None) -> Decision:
    """Ask the policies about a run's candidate manifest, and record what they said.

    Raises:
        PolicyDenied: a rule said no.
        PolicyError: the engine did not answer properly, which is a no as well.
        ReleaseError: a table was never built.
        RunSuperseded: the run is over.
    """
    with open_stage(project, run_id, Stage.GATE, parent) as context:
        run = context.run
        models = project.dbt.models()
        manifest = run_manifest(project, run, models, base_release(project, run))
        require_whole(run, manifest, models)
        document = _document(context, manifest)
        decision = decide(_engine(project), project.settings.policies_path, _DOMAIN, document)
        project.records.gates.append([_record(context, manifest, decision)])
        if not decision.allowed:
            lines = "".join(f"\n  - {denial}" for denial in decision.denials)
            raise PolicyDenied(
                f"the policies do not allow this release:{lines}",
                where=f"run {run_id}, decided by {decision.engine}",
                todo="mend what the rule names, then run again;"
                " readers still see the current release",
            )
        return decision


def contracts_by_table(contracts: tuple[Contract, ...]) -> dict[TableRef, Contract]:
    """Say which contract covers which table: a landed entity's covers three."""
    found: dict[TableRef, Contract] = {}
    for contract in contracts:
        if contract.layer is Layer.GOLD:
            found[TableRef(Layer.GOLD, contract.table)] = contract
        else:
            for table in (contract.bronze, contract.silver, contract.quarantine):
                found[table] = contract
    return found


def _engine(project: Project) -> PolicyEngine:
    timeout = project.settings.seconds("policy_timeout_seconds")
    if project.settings.opa_url:
        return OpaServer(project.settings.opa_url, timeout_seconds=timeout)
    return EmbeddedEngine(timeout_seconds=timeout)


def _document(context: StageContext, manifest: CandidateManifest) -> dict[str, object]:
    project, run = context.project, context.run
    contracts = contracts_by_table(project.contracts(run.product))
    audits = project.records.checks_of(manifest.tables)
    columns = {
        table: [name for name, _ in column_types(project.table_path(table), version)]
        for table, version in manifest.tables.items()
    }
    owners = sorted({contract.owner for contract in contracts.values() if contract.owner})
    return publish_document(
        product=run.product,
        owner=owners[0] if owners else "",
        run=run,
        tables=manifest.tables,
        contracts=contracts,
        checks=[check for checks in audits.values() for check in checks],
        columns=columns,
        # Bronze and quarantine hold the columns of their silver table, by the same contract.
        published=[t for t in manifest.tables if t.layer in (Layer.SILVER, Layer.GOLD)],
    )


def _record(context: StageContext, manifest: CandidateManifest, decision: Decision) -> GateRecord:
    return GateRecord(
        run_id=context.run.run_id,
        product=context.run.product,
        allowed=decision.allowed,
        engine=decision.engine,
        rules=decision.rules,
        denials=decision.denials,
        tables={str(table): version for table, version in manifest.tables.items()},
        decided_at_utc=context.project.clock(),
    )
