"""Loaded by Airflow from ``$AIRFLOW_HOME/config``: do once, in the scheduler, what tasks share.

LocalExecutor forks its workers from the scheduler and each task from a worker, so every task finds
dbt, GX, the contracts and the parsed models in memory (without: 1.5 s more a task, 8 s more a
checkpoint). Nothing is opened here: a DuckDB, delta-rs or network handle would not survive a fork.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path


def _is_scheduler(arguments: list[str]) -> bool:
    return (
        len(arguments) > 1 and Path(arguments[0]).name == "airflow" and arguments[1] == "scheduler"
    )


def _preload() -> None:
    try:
        # The dbt plugin is loaded by dbt, by its name in profiles.yml.
        import assay.dbt.plugin  # noqa: F401
        from assay.config import read_settings
        from assay.pipeline import open_project
        from assay.pipeline.preloading import preload

        preload(open_project(read_settings()))
    except Exception:
        # A task that needs it will say so with its own name; the scheduler must start.
        logging.getLogger(__name__).warning("preload_failed", exc_info=True)


if _is_scheduler(sys.argv):
    _preload()
