"""``assay loads``: what was delivered and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assay.cli.command_group import DefaultGroup
from assay.cli.opening import choose_products, current_user, open_here, require_product
from assay.cli.reason import required_reason
from assay.cli.text_table import format_count, format_table, format_time

if TYPE_CHECKING:
    from assay.pipeline.load_holds import LoadStanding


@click.group("loads", cls=DefaultGroup, default="list")
def loads() -> None:
    """List loads (`assay loads flights`), resume withheld ones, skip a refused one."""


@loads.command("list")
@click.argument("product", default="")
def list_all(product: str) -> None:
    """List the loads of PRODUCT, or of every product, with what becomes of each."""
    project = open_here()
    from assay.pipeline.load_holds import list_loads

    found = [
        each for name in choose_products(project, product) for each in list_loads(project, name)
    ]
    if not found:
        click.echo("Nothing has landed yet: assay run <product>")
        return
    headers = ("load", "table", "disposition", "rows", "delivered", "source")
    click.echo(format_table(headers, [_row(each) for each in found], right=("rows",)))
    notes = [line for each in found for line in _notes(each)]
    if notes:
        click.echo("\n" + "\n".join(notes))


@loads.command("resume")
@click.argument("product")
@click.argument("load_ids", nargs=-1, metavar="[LOAD]...")
@click.option("--why", "reason", default="", help="The reason, for the record.")
def resume(product: str, load_ids: tuple[str, ...], reason: str) -> None:
    """Let withheld or skipped loads of PRODUCT in again; none named: all that are withheld."""
    project = open_here()
    require_product(project, product)
    from assay.pipeline.load_holds import resume_loads

    resumed = resume_loads(project, product, load_ids, actor=current_user(), reason=reason)
    if not resumed:
        click.echo(f"No load of {product} is withheld.")
        return
    click.echo(f"{format_count(len(resumed), 'load')} resumed:")
    click.echo("\n".join(f"  {load.load_id}  {load.source_name}" for load in resumed))
    click.echo(f"The next run takes them: assay run {product}")


@loads.command("skip")
@click.argument("load_id", metavar="LOAD")
@required_reason()
def skip(load_id: str, reason: str) -> None:
    """Leave LOAD out: later loads of its table no longer wait for it."""
    project = open_here()
    from assay.pipeline.load_holds import skip_load

    load = skip_load(project, load_id, reason=reason, actor=current_user())
    click.echo(
        f"{load.load_id} ({load.source_name}) is skipped. Next: assay run {load.product};"
        f" undo: assay loads resume {load.product} {load.load_id}"
    )
    if load.is_replay:
        from assay.pipeline.quarantine.settlements import find_replayed

        for origin, rows in find_replayed(project, load).items():
            click.echo(
                f"{format_count(rows, 'row')} of {origin} in quarantine are in no table meanwhile."
                f" To mend them anew: assay quarantine reopen {origin} --all --why '…'"
            )


def _row(standing: LoadStanding) -> tuple[object, ...]:
    load = standing.load
    return (
        load.load_id,
        load.table,
        standing.disposition,
        load.row_count,
        format_time(load.delivered_at_utc),
        load.source_name,
    )


def _notes(standing: LoadStanding) -> list[str]:
    load, hold = standing.load, standing.hold
    notes = []
    if load.reason:
        notes.append(f"{load.load_id} was refused: {load.reason}")
        notes += [f"  column '{name}': {text}" for name, text in load.drift.items()]
    if hold is not None:
        when = f"by {hold.actor} at {format_time(hold.at_utc)}"
        reason = f": {hold.reason}" if hold.reason else ""
        notes.append(f"{load.load_id} was {hold.action} {when}{reason}")
    return [*notes, *(f"{load.load_id} warning: {warning}" for warning in load.warnings)]
