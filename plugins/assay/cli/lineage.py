"""``assay lineage``: what feeds a table and what it feeds, as runs recorded it."""

from __future__ import annotations

import click

from assay.cli.opening import open_here


@click.command("lineage")
@click.argument("table", default="")
@click.option("--resend", is_flag=True, help="Send undelivered events to the endpoint again.")
def lineage(table: str, resend: bool) -> None:
    """Draw what TABLE (as gold.fct_flights) comes from, and what comes from it."""
    if not table and not resend:
        raise click.UsageError("expected a table, such as: assay lineage gold.fct_flights")
    project = open_here()
    from assay.lineage import events_path, read_events, render, upstream_and_downstream
    from assay.lineage import resend as send_again

    settings = project.settings
    if resend:
        taken = send_again(project.lake, settings.lineage_url, project.clock)
        click.echo(f"{taken:,} events were delivered.")
    if table:
        recorded = read_events(events_path(project.lake), settings.lineage_namespace)
        click.echo(render(upstream_and_downstream(recorded, table)))
