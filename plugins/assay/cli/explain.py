"""``assay explain``: a run in plain words."""

from __future__ import annotations

import click

from assay.cli.opening import open_here


@click.command("explain")
@click.argument("run_id", metavar="RUN", default="latest")
def explain(run_id: str) -> None:
    """Say what RUN did and what to do next; `latest` is the newest run of any product."""
    project = open_here()
    from assay.cli.story import tell
    from assay.pipeline.explain import explain_run

    click.echo(tell(explain_run(project, run_id)))
