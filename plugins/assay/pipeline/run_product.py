"""A whole run from a shell: the stages one after another, in one process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assay.domain import Layer, Release, Stage
from assay.pipeline.audit import audit_layer
from assay.pipeline.build import build_layer
from assay.pipeline.gate import pass_gate
from assay.pipeline.project import Project
from assay.pipeline.publish import publish_run
from assay.pipeline.run_states import SHELL_PREFIX
from assay.pipeline.start import Started, start_run

Progress = Callable[[Stage], None]


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. ``release`` is None where there was nothing to do."""

    run_id: str
    started: Started
    release: Release | None


def make_run_id(started_at_utc: datetime) -> str:
    """Name a run from a shell after the moment of its start."""
    return f"{SHELL_PREFIX}{started_at_utc:%Y%m%dT%H%M%S%f}"


def run_product(
    project: Project,
    product: str,
    *,
    is_full_refresh: bool = False,
    select: str = "",
    progress: Progress = lambda stage: None,
    run_id: str = "",
) -> RunOutcome:
    """Land, build, audit, ask the policies and publish.

    Raises:
        AssayError: a stage failed; readers still see the current release.
    """
    run_id = run_id or make_run_id(project.clock())
    progress(Stage.LAND)
    started = start_run(project, product, run_id, is_full_refresh=is_full_refresh, select=select)
    if started.run is None:
        return RunOutcome(run_id, started, None)
    for layer, build, audit in (
        (Layer.BRONZE, Stage.BRONZE, Stage.AUDIT_BRONZE),
        (Layer.SILVER, Stage.SILVER, Stage.AUDIT_SILVER),
        (Layer.GOLD, Stage.GOLD, Stage.AUDIT_GOLD),
    ):
        progress(build)
        build_layer(project, run_id, layer)
        progress(audit)
        audit_layer(project, run_id, layer)
    progress(Stage.GATE)
    pass_gate(project, run_id)
    progress(Stage.PUBLISH)
    return RunOutcome(run_id, started, publish_run(project, run_id))
