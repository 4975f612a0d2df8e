"""One task of a product's DAG: one stage of a run."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from assay.airflow.lineage_parent import find_parent
from assay.airflow.run_log import log_summary, log_warned
from assay.domain import Stage
from assay.errors import AssayError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from assay.lineage import ParentRun
    from assay.pipeline import Project

_log = logging.getLogger(__name__)


class StageOperator(BaseOperator):  # type: ignore[misc]  # Airflow is not followed by mypy
    """Runs one stage through the same function that the command line calls.

    An error that nobody's waiting can mend fails the task at once; others are retried. Where a
    run has nothing to do, its first task and with it the rest are skipped.
    """

    ui_color = "#e8f1f2"

    def __init__(self, *, product: str, stage: Stage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.product = product
        self.stage = stage

    def execute(self, context: Context) -> dict[str, object]:
        """Run the stage; the returned figures are the task's XCom."""
        from assay.config import read_settings
        from assay.pipeline import open_project

        project = open_project(read_settings())
        run_id = assay_run_id(self.product, str(context["run_id"]))
        parent = find_parent(context["ti"], run_id)
        try:
            if self.stage is Stage.LAND:
                return _land(project, self.product, run_id, parent, context)
            return _STAGES[self.stage](project, run_id, parent)
        except AssayError as error:
            _log.error("stage_failed code=%s run=%s\n%s", error.code, run_id, error)
            if error.retryable:
                raise AirflowException(str(error)) from error
            raise AirflowFailException(str(error)) from error


def assay_run_id(product: str, airflow_run_id: str) -> str:
    """Name the Assay run of a DAG run: the same in all its tasks, and safe as a folder's name."""
    return f"{product}.{re.sub(r'[^A-Za-z0-9_.:+-]', '-', airflow_run_id)}"


def _land(
    project: Project, product: str, run_id: str, parent: ParentRun | None, context: Context
) -> dict[str, object]:
    from assay.pipeline import start_run

    params = context["params"]
    started = start_run(
        project,
        product,
        run_id,
        is_full_refresh=bool(params["full_refresh"]),
        select=str(params["select"] or ""),
        parent=parent,
    )
    if started.run is None:
        raise AirflowSkipException(
            f"{product}: nothing was delivered and nothing has changed since the current release"
        )
    return {
        "run_id": run_id,
        "base_release": started.run.base_release,
        "loads": list(started.run.load_ids),
        "models": len(started.run.models),
    }


def _build(layer: str) -> Callable[[Project, str, ParentRun | None], dict[str, object]]:
    def build(project: Project, run_id: str, parent: ParentRun | None) -> dict[str, object]:
        from assay.domain import Layer
        from assay.pipeline import build_layer

        written = build_layer(project, run_id, Layer(layer), parent)
        return {candidate.table: candidate.version for candidate in written}

    return build


def _audit(layer: str) -> Callable[[Project, str, ParentRun | None], dict[str, object]]:
    def audit(project: Project, run_id: str, parent: ParentRun | None) -> dict[str, object]:
        from assay.domain import Layer
        from assay.pipeline import audit_layer
        from assay.quality import summarize

        results = audit_layer(project, run_id, Layer(layer), parent)
        log_warned(results)
        counts = summarize(results)
        return {"passed": counts.passed, "warned": counts.warned}

    return audit


def _gate(project: Project, run_id: str, parent: ParentRun | None) -> dict[str, object]:
    from assay.pipeline import pass_gate

    decision = pass_gate(project, run_id, parent)
    return {"engine": decision.engine, "rules": list(decision.rules)}


def _publish(project: Project, run_id: str, parent: ParentRun | None) -> dict[str, object]:
    from assay.pipeline import publish_run

    release = publish_run(project, run_id, parent)
    _log_summary(project, run_id)
    return {"release": release.number}


def _log_summary(project: Project, run_id: str) -> None:
    """Sum up a run in its task's log. It is published: no failure here may fail it."""
    from assay.pipeline.summary import summarize_run

    try:
        log_summary(summarize_run(project, run_id))
    except Exception:
        _log.warning("summary_failed run=%s", run_id, exc_info=True)


def _deliveries(project: Project, run_id: str, parent: ParentRun | None) -> dict[str, object]:
    from assay.pipeline import check_deliveries

    check_deliveries(project, run_id)
    return {"refused": 0}


_STAGES: dict[Stage, Callable[[Project, str, ParentRun | None], dict[str, object]]] = {
    Stage.BRONZE: _build("bronze"),
    Stage.AUDIT_BRONZE: _audit("bronze"),
    Stage.SILVER: _build("silver"),
    Stage.AUDIT_SILVER: _audit("silver"),
    Stage.GOLD: _build("gold"),
    Stage.AUDIT_GOLD: _audit("gold"),
    Stage.GATE: _gate,
    Stage.PUBLISH: _publish,
    Stage.DELIVERIES: _deliveries,
}
