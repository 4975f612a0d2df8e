"""What happens once when a DAG run has failed: one notification."""

from __future__ import annotations

import logging
from typing import Any

_log = logging.getLogger(__name__)


def notify_of_failure(context: Any) -> None:
    """Send one notification about a failed DAG run, if a webhook is set. Never raises."""
    from assay.airflow.stage_operator import assay_run_id
    from assay.config import read_settings
    from assay.pipeline import open_project
    from assay.pipeline.notify import notify_run_failure

    try:
        project = open_project(read_settings())
        product = str(context["dag"].dag_id)
        run_id = assay_run_id(product, str(context["run_id"]))
        notify_run_failure(project, product, run_id)
    except Exception:
        _log.warning("notification_failed", exc_info=True)
