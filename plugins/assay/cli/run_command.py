"""``assay run``: a product from its deliveries to a release, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assay.cli.opening import open_here, require_product

if TYPE_CHECKING:
    from assay.cli.progress import StageProgress
    from assay.pipeline import Project, RunOutcome


@click.command("run")
@click.argument("product")
@click.option("--full-refresh", is_flag=True, help="Rebuild every table from its landed loads.")
@click.option("--select", default="", help="Rebuild only these dbt models; lands nothing.")
def run_command(product: str, full_refresh: bool, select: str) -> None:
    """Land what was delivered for PRODUCT, build and audit it, and publish a release.

    With nothing new it does nothing, says so, and exits with 0.
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
    click.echo(_describe_waiting(outcome, product), nl=False)


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


def _report(
    project: Project, product: str, run_id: str, progress: StageProgress, error: Exception
) -> None:
    """Send the notification, and name the command that tells more."""
    from assay.errors import ProductBusy, RunSuperseded
    from assay.pipeline.notify import notify_failure

    if isinstance(error, ProductBusy | RunSuperseded):
        return
    stage = progress.stage.value if progress.stage else ""
    notify_failure(
        project.settings.webhook_url,
        product=product,
        run_id=run_id,
        stage=stage,
        error=error,
        clock=project.clock,
    )
    click.echo(f"Run {run_id} failed in {stage}. More: assay explain {run_id}", err=True)


def _describe_idle(outcome: RunOutcome, product: str) -> str:
    waiting = _describe_waiting(outcome, product)
    return f"Nothing new for {product}: no delivery and no change.\n{waiting}".rstrip()


def _describe_waiting(outcome: RunOutcome, product: str) -> str:
    """Name loads that wait for a person: a run goes past them in silence otherwise."""
    from assay.cli.text_table import format_count

    pending = outcome.started.pending
    lines = []
    if pending.withheld:
        lines.append(
            f"{format_count(len(pending.withheld), 'load')} withheld since a rollback:"
            f" `assay loads resume {product}` brings them in again"
        )
    lines += [f"refused: {load.reason}" for load in pending.refused]
    if pending.held_back:
        lines.append(f"{format_count(len(pending.held_back), 'load')} held back behind those")
    lines += [f"warning: {each}" for load in outcome.started.landed for each in load.warnings]
    lines += [f"warning: {each}" for each in outcome.started.warnings]
    return "".join(f"{line}\n" for line in lines)
