"""``assay summary``: what a product's current release holds, and how it came about."""

from __future__ import annotations

import click

from assay.cli.opening import open_here, require_product
from assay.errors import ReleaseError


@click.command("summary")
@click.argument("product")
def summary(product: str) -> None:
    """Sum up the current release of PRODUCT: rows, versions, checks, quarantine, lineage."""
    from assay.cli.render import render_summary
    from assay.pipeline.summary import summarize_release

    project = open_here()
    require_product(project, product)
    release = project.releases.current(product)
    if release is None:
        raise ReleaseError(
            f"{product} has no release yet", todo=f"run it first: `assay run {product}`"
        )
    click.echo(render_summary(summarize_release(project, release)))
