"""What happens when a task has failed for good: one notification.

The tasks of a product's DAG stand in one line, so that a failed DAG run has one failed task.
"""

from __future__ import annotations

import logging
from typing import Any

_log = logging.getLogger(__name__)


def notify_of_failure(context: Any) -> None:
    """Send one notification about a failed task, if a webhook is set. Never raises."""
    try:
        from assay.airflow.stage_operator import assay_run_id
        from assay.config import read_settings
        from assay.errors import RunSuperseded
        from assay.pipeline.notify import notify_failure
        from assay.pipeline.project import utc_now

        task, run_id = context["ti"].task, str(context["run_id"])
        error = context.get("exception")
        cause = getattr(error, "__cause__", None) or error or RuntimeError("unknown")
        if isinstance(cause, RunSuperseded):
            return  # a newer run does this one's work
        # The task of maintenance is of no product, and what it does is no run of Assay's.
        product = getattr(task, "product", "")
        notify_failure(
            read_settings().webhook_url,
            product=product or task.dag_id,
            run_id=assay_run_id(product, run_id) if product else run_id,
            stage=task.task_id,
            error=cause,
            clock=utc_now,
            explain="" if product else f"Airflow's log of {task.dag_id}, run {run_id}",
        )
    except Exception:
        _log.warning("notification_failed", exc_info=True)
