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

        task = context["ti"].task
        error = context.get("exception")
        cause = getattr(error, "__cause__", None) or error or RuntimeError("unknown")
        if isinstance(cause, RunSuperseded):
            return  # a newer run does this one's work
        notify_failure(
            read_settings().webhook_url,
            product=task.product,
            run_id=assay_run_id(task.product, str(context["run_id"])),
            stage=task.stage.value,
            error=cause,
            clock=utc_now,
        )
    except Exception:
        _log.warning("notification_failed", exc_info=True)
