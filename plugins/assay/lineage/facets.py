"""Facets of runs, jobs and datasets, as OpenLineage's own classes.

Source: OpenLineage specification, facets (https://openlineage.io/spec/facets).
"""

from __future__ import annotations

from collections.abc import Sequence

import attr
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
    sql_job,
)

from assay.domain import CheckResult, CheckStatus, Severity
from assay.lineage.runs import DatasetState, ParentRun

PRODUCER = "urn:assay:lineage"

_SEVERITIES = {Severity.CRITICAL: "error", Severity.WARNING: "warn", Severity.INFO: "info"}


@attr.define
class AssayRunFacet(RunFacet):  # type: ignore[misc]
    """Which run of Assay, and which attempt at its stage, an event belongs to."""

    assayRunId: str  # noqa: N815
    attempt: int

    @staticmethod
    def _get_schema() -> str:
        return "urn:assay:lineage:1-0-0:AssayRunFacet"


def parent_facets(parent: ParentRun) -> dict[str, RunFacet]:
    """Say which run a child run belongs to, and its root where that is known."""
    root = parent.root
    facets: dict[str, RunFacet] = {
        "parent": parent_run.ParentRunFacet(
            run=parent_run.Run(runId=parent.run_id),
            job=parent_run.Job(namespace=parent.job_namespace, name=parent.job_name),
            root=parent_run.Root(
                run=parent_run.RootRun(runId=root.run_id),
                job=parent_run.RootJob(namespace=root.job_namespace, name=root.job_name),
            )
            if root
            else None,
            producer=PRODUCER,
        )
    }
    return facets


def assay_facets(assay_run_id: str, attempt: int) -> dict[str, RunFacet]:
    """Name the run of Assay, where it is known."""
    if not assay_run_id:
        return {}
    facet = AssayRunFacet(  # type: ignore[call-arg]
        assayRunId=assay_run_id, attempt=attempt, producer=PRODUCER
    )
    return {"assay": facet}


def error_facets(error: str) -> dict[str, RunFacet]:
    """Say why a run failed."""
    if not error:
        return {}
    return {
        "errorMessage": error_message_run.ErrorMessageRunFacet(
            message=error, programmingLanguage="SQL", producer=PRODUCER
        )
    }


def job_facets(integration: str, job_type: str, sql: str = "") -> dict[str, JobFacet]:
    """Say what kind of job it is, and its SQL where it has one."""
    facets: dict[str, JobFacet] = {
        "jobType": job_type_job.JobTypeJobFacet(
            processingType="BATCH", integration=integration, jobType=job_type, producer=PRODUCER
        )
    }
    if sql:
        facets["sql"] = sql_job.SQLJobFacet(query=sql, dialect="duckdb", producer=PRODUCER)
    return facets


def dataset_facets(state: DatasetState) -> dict[str, DatasetFacet]:
    """Describe a dataset: its columns and its Delta version, each only where known."""
    facets: dict[str, DatasetFacet] = {}
    if state.columns:
        facets["schema"] = schema_dataset.SchemaDatasetFacet(
            fields=[
                schema_dataset.SchemaDatasetFacetFields(
                    name=column.name,
                    type=column.data_type or None,
                    description=column.description or None,
                    ordinal_position=position,
                )
                for position, column in enumerate(state.columns, start=1)
            ],
            producer=PRODUCER,
        )
    if state.version is not None:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(
            datasetVersion=str(state.version), producer=PRODUCER
        )
    return facets


def statistics_facets(state: DatasetState) -> dict[str, OutputDatasetFacet]:
    """Count an output, where it was counted."""
    if state.row_count is None and state.size_bytes is None:
        return {}
    return {
        "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=state.row_count, size=state.size_bytes, producer=PRODUCER
        )
    }


def quality_facets(
    state: DatasetState, checks: Sequence[CheckResult]
) -> dict[str, InputDatasetFacet]:
    """Turn check results into assertions. An errored check is an assertion that did not succeed."""
    assertions = [
        data_quality_assertions_dataset.Assertion(
            assertion=check.check,
            success=check.status is CheckStatus.PASSED,
            column=check.column or None,
            severity=_SEVERITIES[check.severity],
            expected=check.expected or None,
            actual=check.observed or None,
            params={"status": check.status.value, "suite": check.suite},
        )
        for check in checks
    ]
    metrics = data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
        columnMetrics={}, rowCount=state.row_count, bytes=state.size_bytes, producer=PRODUCER
    )
    return {
        "dataQualityMetrics": metrics,
        "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions=assertions, producer=PRODUCER
        ),
    }
