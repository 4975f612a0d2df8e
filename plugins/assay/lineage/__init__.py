"""OpenLineage: names, run events, where they go, and the graph that they tell.

Recording fails open and loudly: a warning and a counter, and the run goes on. Reading raises
:class:`assay.errors.LineageError`.
"""

from assay.lineage.client_config import airflow_openlineage_environment, airflow_transport_config
from assay.lineage.delivery import count_undelivered, resend
from assay.lineage.emitter import Emitter
from assay.lineage.event_file import events_path
from assay.lineage.graph import LineageGraph, upstream_and_downstream
from assay.lineage.naming import (
    name_audit_job,
    name_landed,
    name_landing_job,
    name_model_job,
    name_run_job,
    name_stage_job,
    name_table,
)
from assay.lineage.recorded import read_events
from assay.lineage.runs import (
    AuditRun,
    ColumnState,
    DatasetState,
    ModelRun,
    ParentRun,
    RootRun,
)
from assay.lineage.tree import render

__all__ = [
    "AuditRun",
    "ColumnState",
    "DatasetState",
    "Emitter",
    "LineageGraph",
    "ModelRun",
    "ParentRun",
    "RootRun",
    "airflow_openlineage_environment",
    "airflow_transport_config",
    "count_undelivered",
    "events_path",
    "name_audit_job",
    "name_landed",
    "name_landing_job",
    "name_model_job",
    "name_run_job",
    "name_stage_job",
    "name_table",
    "read_events",
    "render",
    "resend",
    "upstream_and_downstream",
]
