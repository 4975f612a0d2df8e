"""OpenLineage run events of stages, models and audits.

Importing this costs 0.7 s (the OpenLineage client): :mod:`assay.lineage.emitter` does so when
it first emits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid5

from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.facet_v2 import JobFacet, RunFacet
from openlineage.client.serde import Serde

from assay.lineage.facets import (
    PRODUCER,
    assay_facets,
    dataset_facets,
    error_facets,
    job_facets,
    parent_facets,
    quality_facets,
    statistics_facets,
)
from assay.lineage.runs import AuditRun, DatasetState, ModelRun, ParentRun


def child_run_id(parent: ParentRun, job_name: str) -> str:
    """Derive a child's run id from its parent's run id, its job and the attempt.

    The same attempt emitted again gives the same id (its events replace one another at the
    endpoint); another attempt gives another.
    """
    return str(uuid5(UUID(parent.run_id), f"{job_name}#{parent.attempt}"))


def input_dataset(namespace: str, state: DatasetState) -> InputDataset:
    """Describe a dataset that was read. Also for an Airflow operator's own lineage."""
    return InputDataset(namespace=namespace, name=state.name, facets=dataset_facets(state))


def output_dataset(namespace: str, state: DatasetState) -> OutputDataset:
    """Describe a dataset that was written. Also for an Airflow operator's own lineage."""
    return OutputDataset(
        namespace=namespace,
        name=state.name,
        facets=dataset_facets(state),
        outputFacets=statistics_facets(state),
    )


def model_events(namespace: str, parent: ParentRun, run: ModelRun) -> list[RunEvent]:
    """Build START, and COMPLETE or FAIL, of one model's child run.

    A failed model wrote nothing: its FAIL event names the outputs without version or counts.
    """
    inputs = [input_dataset(namespace, each) for each in run.inputs]
    outputs = [
        output_dataset(namespace, DatasetState(each.name) if run.error else each)
        for each in run.outputs
    ]
    facets = job_facets(run.integration, run.job_type, run.sql)
    return _child_events(namespace, parent, run, facets, inputs, outputs)


def audit_events(namespace: str, parent: ParentRun, audit: AuditRun) -> list[RunEvent]:
    """Build START, and COMPLETE or FAIL, of one audit's child run.

    FAIL means that the suite could not be run. An audit whose checks fail did run.
    """
    dataset = input_dataset(namespace, audit.dataset)
    dataset.inputFacets = quality_facets(audit.dataset, audit.checks)
    inputs = [dataset, *(input_dataset(namespace, each) for each in audit.reads)]
    return _child_events(namespace, parent, audit, job_facets("ASSAY", "AUDIT"), inputs, [])


def stage_event(
    state: RunState, run: ParentRun, at_utc: datetime, *, parent: ParentRun | None, error: str = ""
) -> RunEvent:
    """Build one event of a run that is itself a parent: a stage, or a whole run."""
    facets = assay_facets(run.assay_run_id, run.attempt) | error_facets(error)
    if parent:
        facets |= parent_facets(parent)
    job_type = "STAGE" if parent else "RUN"
    job = Job(run.job_namespace, run.job_name, job_facets("ASSAY", job_type))
    return _event(state, at_utc, Run(run.run_id, facets), job, [], [])


def to_lines(events: Iterable[RunEvent]) -> list[bytes]:
    """Serialise events, one line each, without the line ends."""
    return [Serde.to_json(event).encode() for event in events]


def _child_events(
    namespace: str,
    parent: ParentRun,
    run: ModelRun | AuditRun,
    facets: dict[str, JobFacet],
    inputs: list[InputDataset],
    outputs: list[OutputDataset],
) -> list[RunEvent]:
    job = Job(namespace, run.job_name, facets)
    run_id = child_run_id(parent, run.job_name)
    run_facets: dict[str, RunFacet] = parent_facets(parent) | assay_facets(
        parent.assay_run_id, parent.attempt
    )
    ended = Run(run_id, run_facets | error_facets(run.error))
    state = RunState.FAIL if run.error else RunState.COMPLETE
    return [
        _event(RunState.START, run.started_at_utc, Run(run_id, run_facets), job, [], []),
        _event(state, run.ended_at_utc, ended, job, inputs, outputs),
    ]


def _event(
    state: RunState,
    at_utc: datetime,
    run: Run,
    job: Job,
    inputs: list[InputDataset],
    outputs: list[OutputDataset],
) -> RunEvent:
    return RunEvent(
        eventType=state,
        eventTime=at_utc.astimezone(UTC).isoformat(timespec="milliseconds"),
        run=run,
        job=job,
        inputs=inputs,
        outputs=outputs,
        producer=PRODUCER,
    )
