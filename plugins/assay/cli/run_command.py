"""``assay run``: a product from its deliveries to a release, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assay.cli.opening import open_here, require_product
from assay.cli.waiting import describe_waiting
from assay.domain import Stage

if TYPE_CHECKING:
    from assay.cli.progress import StageProgress
    from assay.pipeline import Project, RunOutcome


@click.command("run")
@click.argument("product")
@click.option("--full-refresh", is_flag=True, help="Rebuild every table from its landed loads.")
@click.option("--select", default="", help="Rebuild only these dbt models; lands nothing.")
def run_command(product: str, full_refresh: bool, select: str) -> None:
    """Land what was delivered for PRODUCT, build and audit it, and publish a release.

    With nothing new it does nothing, says so, and exits with 0. It exits with 3 where it published
    a release but deliveries were refused and wait for an answer.
    """
    project = open_here()
    require_product(project, product)
    outcome = _run(project, product, full_refresh, select)
    if outcome.release is None:
        click.echo(_describe_idle(outcome, product))
        return
    from assay.cli.render import render_summary
    from assay.pipeline.summary import summarize_run

    click.echo("")
    click.echo(render_summary(summarize_run(project, outcome.run_id)))
    for warning in _load_warnings(outcome):
        click.echo(warning)
    _require_all_taken(project, product, outcome.run_id)


def _run(project: Project, product: str, full_refresh: bool, select: str) -> RunOutcome:
    from assay.cli.progress import StageProgress
    from assay.pipeline import make_run_id, run_product

    run_id = make_run_id(project.clock())
    with StageProgress(product) as progress:
        try:
            return run_product(
                project,
                product,
                is_full_refresh=full_refresh,
                select=select,
                progress=progress.start,
                run_id=run_id,
            )
        except Exception as error:
            progress.fail()
            _report(project, product, run_id, progress, error)
            raise


def _require_all_taken(project: Project, product: str, run_id: str) -> None:
    """Let a run that was published end as incomplete where refused deliveries wait."""
    from assay.errors import DeliveriesIncomplete
    from assay.pipeline import check_deliveries

    try:
        check_deliveries(project, run_id)
    except DeliveriesIncomplete as error:
        _notify(project, product, run_id, Stage.DELIVERIES.value, error)
        raise


def _report(
    project: Project, product: str, run_id: str, progress: StageProgress, error: Exception
) -> None:
    """Send the notification, and name the command that tells more."""
    from assay.errors import ProductBusy, RunSuperseded

    if isinstance(error, ProductBusy | RunSuperseded):
        return
    stage = progress.stage.value if progress.stage else ""
    _notify(project, product, run_id, stage, error)
    click.echo(f"Run {run_id} failed in {stage}. More: assay explain {run_id}", err=True)


def _notify(project: Project, product: str, run_id: str, stage: str, error: Exception) -> None:
    from assay.pipeline.notify import notify_failure

    notify_failure(
        project.settings.webhook_url,
        product=product,
        run_id=run_id,
        stage=stage,
        error=error,
        clock=project.clock,
    )


def _describe_idle(outcome: RunOutcome, product: str) -> str:
    lines = [
        f"Nothing new for {product}: no delivery and no change.",
        *describe_waiting(outcome.started.pending, product),
        *_load_warnings(outcome),
        *(f"warning: {each}" for each in outcome.started.warnings),
    ]
    return "\n".join(lines)


def _load_warnings(outcome: RunOutcome) -> list[str]:
    return [f"warning: {each}" for load in outcome.started.landed for each in load.warnings]
