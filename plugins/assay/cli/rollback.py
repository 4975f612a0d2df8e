"""``assay rollback``: an earlier release becomes the current one."""

from __future__ import annotations

import click

from assay.cli.opening import current_user, open_here, require_product
from assay.cli.text_table import format_count


@click.command("rollback")
@click.argument("product")
@click.option("--to", "number", type=int, required=True, help="The release to go back to.")
@click.option(
    "--why",
    "reason",
    default="no reason given",
    show_default=True,
    help="The reason, for the record.",
)
def rollback(product: str, number: int, reason: str) -> None:
    """Publish the tables of an earlier release of PRODUCT again, as a new release.

    Loads that came later are withheld until `assay loads resume PRODUCT`.
    """
    project = open_here()
    require_product(project, product)
    from assay.pipeline.rollback import roll_back

    done = roll_back(project, product, to=number, reason=reason, actor=current_user())
    click.echo(
        f"Release {done.release.number} of {product} is published: the tables of release"
        f" {number}, in place of release {done.replaced.number}."
    )
    if done.withheld:
        click.echo(
            f"{format_count(len(done.withheld), 'load')} withheld until"
            f" `assay loads resume {product}`:"
        )
        click.echo("\n".join(f"  {load}" for load in done.withheld))
    if done.differs:
        click.echo(
            f"{format_count(len(done.differs), 'definition')} changed between the two releases. The"
            " next run builds with the files as they are then: restore those that were at fault."
        )
        click.echo("\n".join(f"  {name}" for name in done.differs))
