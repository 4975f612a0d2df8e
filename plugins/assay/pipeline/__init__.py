"""The pipeline: land, build a layer, audit it, ask the policies, publish. Start reading here.

Airflow's tasks and the command line call the same functions; this package composes the
capabilities, which know nothing of one another.
"""

from assay.pipeline.audit import audit_layer
from assay.pipeline.build import build_layer
from assay.pipeline.gate import pass_gate
from assay.pipeline.pending import read_pending
from assay.pipeline.project import Project, open_project
from assay.pipeline.publish import publish_run
from assay.pipeline.query import run_sql
from assay.pipeline.readers import PinnedReader, open_reader, pin_releases, read_table
from assay.pipeline.refusals import check_deliveries
from assay.pipeline.run_product import RunOutcome, make_run_id, run_product
from assay.pipeline.start import Started, has_work, start_run

__all__ = [
    "PinnedReader",
    "Project",
    "RunOutcome",
    "Started",
    "audit_layer",
    "build_layer",
    "check_deliveries",
    "has_work",
    "make_run_id",
    "open_project",
    "open_reader",
    "pass_gate",
    "pin_releases",
    "publish_run",
    "read_pending",
    "read_table",
    "run_product",
    "run_sql",
    "start_run",
]
