"""The OpenLineage run of an Airflow task: the parent of what happens in it."""

from __future__ import annotations

import logging
from typing import Any

from assay.lineage import ParentRun, RootRun

_log = logging.getLogger(__name__)


def find_parent(task_instance: Any, assay_run_id: str) -> ParentRun | None:
    """Name the lineage run of a task; None where Airflow's provider is off. Never raises."""
    try:
        from airflow.providers.openlineage.plugins import macros

        root = RootRun(
            macros.lineage_root_run_id(task_instance),
            macros.lineage_root_job_name(task_instance),
            macros.lineage_root_job_namespace(task_instance),
        )
        return ParentRun(
            run_id=macros.lineage_run_id(task_instance),
            job_name=macros.lineage_job_name(task_instance),
            job_namespace=macros.lineage_job_namespace(),
            root=root,
            assay_run_id=assay_run_id,
            attempt=task_instance.try_number,
        )
    except Exception:
        _log.warning("lineage_parent_unknown run=%s", assay_run_id, exc_info=True)
        return None
