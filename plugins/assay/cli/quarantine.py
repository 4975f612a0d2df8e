"""``assay quarantine``: look at quarantined rows, mend them, send them again, leave them out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assay.cli.command_group import DefaultGroup
from assay.cli.opening import choose_products, current_user, open_here, require_product
from assay.cli.reason import required_reason
from assay.cli.text_table import format_count

if TYPE_CHECKING:
    from assay.domain import Contract
    from assay.pipeline import Project
    from assay.pipeline.quarantine.rows import RowFilter
    from assay.pipeline.quarantine.words import Signature

_STATES = ("open", "repaired", "replayed", "discarded")
_Command = Callable[..., Any]

_run = click.option(
    "--run", "run_id", default="", help="Show what a run left, instead of the current release."
)
_load = click.option("--load", "load_id", default="", help="Only rows of this load.")
_rule = click.option("--rule", default="", help="Only rows that broke this rule.")
_state = click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(_STATES),
    help="Only rows in this state; repeatable. By default those that wait: open, repaired.",
)
_why = required_reason()
_why_not = click.option("--why", "reason", default="", help="The reason, for the record.")


@click.group("quarantine", cls=DefaultGroup, default="list")
def quarantine() -> None:
    """Look at quarantined rows (`assay quarantine flights`), mend them, send them again."""


@quarantine.command("list")
@click.argument("target", default="", metavar="[PRODUCT[.TABLE]]")
@_load
@_rule
@_state
@_run
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Most rows of a table; 0: all.",
)
def list_rows(
    target: str, load_id: str, rule: str, states: tuple[str, ...], run_id: str, limit: int
) -> None:
    """List the quarantined rows of PRODUCT, of one of its tables, or of every product."""
    project = open_here()
    from assay.cli.quarantine_text import render_counts, render_rows
    from assay.pipeline.quarantine.rows import count_rows, find_rows

    if run_id and not target:
        target = project.records.get_run(run_id).product
    chosen = _filter(load_id=load_id, rule=rule)
    counts = [
        (contract, count_rows(project, contract, chosen, run_id=run_id))
        for contract in _contracts(project, target)
    ]
    click.echo(render_counts([count for _, count in counts], target, chosen, run_id))
    chosen = _filter(load_id=load_id, rule=rule, states=states or _STATES[:2])
    for contract, count in counts:
        total = sum(count.rows.get(state, 0) for state in chosen.states)
        if total:
            rows = find_rows(project, contract, chosen, run_id=run_id, limit=limit or None)
            click.echo("\n" + render_rows(contract, rows, total, run_id))


@quarantine.command("show")
@click.argument("load_id", metavar="LOAD")
@click.argument("row_number", type=int, metavar="ROW")
@_run
def show(load_id: str, row_number: int, run_id: str) -> None:
    """Show row ROW of LOAD: its texts, the rules it broke, what was done about it."""
    project = open_here()
    from assay.cli.quarantine_text import render_story
    from assay.pipeline.quarantine.rows import tell_row

    click.echo(render_story(tell_row(project, load_id, row_number, run_id=run_id)))


@quarantine.command("export")
@click.argument("target", metavar="PRODUCT.TABLE")
@click.option(
    "--csv",
    "path",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; it must not be there yet.",
)
@_load
@_rule
@_state
@_run
def export(
    target: str, path: Path, load_id: str, rule: str, states: tuple[str, ...], run_id: str
) -> None:
    """Write the waiting rows of a table to a CSV file, for `repair` to read back."""
    project = open_here()
    from assay.pipeline.quarantine.repair import export_rows
    from assay.pipeline.quarantine.replay import why_not_mended

    contract = _one_contract(project, target)
    chosen = _filter(load_id=load_id, rule=rule, states=states or _STATES[:2])
    rows = export_rows(project, contract, chosen, path, run_id=run_id)
    click.echo(f"{format_count(rows, 'row')} of {contract.quarantine} written to {path}")
    why_not = why_not_mended(contract, run_id)
    click.echo(
        f"Read them there: {why_not}"
        if why_not
        else f"Mend the texts there; then: assay quarantine repair --from {path}"
    )


@quarantine.command("repair")
@click.option(
    "--from",
    "path",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file as `export` wrote it, mended.",
)
@_why_not
def repair(path: Path, reason: str) -> None:
    """Take mended rows from a file, all or none. They wait for `replay`."""
    project = open_here()
    from assay.pipeline.quarantine.repair import repair_rows

    done = repair_rows(project, path, _signature(reason))
    table = f"{done.contract.product}.{done.contract.table}"
    unchanged = f"; {done.unchanged:,} unchanged" if done.unchanged else ""
    click.echo(f"{format_count(done.repaired, 'row')} of {table} repaired{unchanged}")
    if done.repaired:
        click.echo(f"Send what is repaired again: assay quarantine replay {table}")


@quarantine.command("replay")
@click.argument("target", metavar="PRODUCT[.TABLE]")
@_load
@_rule
@click.option("--as-is", is_flag=True, help="Send open rows too, with the texts they have.")
@_why_not
def replay(target: str, load_id: str, rule: str, as_is: bool, reason: str) -> None:
    """Send the repaired rows of PRODUCT, or of one of its tables, as a delivery.

    The next run checks them like any other rows. Sent once, a row is not sent again.
    """
    project = open_here()
    from assay.cli.quarantine_text import render_replays
    from assay.pipeline.quarantine.replay import replay_rows, why_not_mended

    chosen = _filter(load_id=load_id, rule=rule, states=_STATES[:2] if as_is else _STATES[1:2])
    contracts = _contracts(project, target)
    if "." not in target:
        contracts = [contract for contract in contracts if not why_not_mended(contract)]
    done = [replay_rows(project, contract, chosen, _signature(reason)) for contract in contracts]
    click.echo(render_replays(done, target))


def _row_options(all_help: str) -> Callable[[_Command], _Command]:
    """Add the arguments and options that choose rows of one load, and the reason."""
    chosen = (
        click.argument("load_id", metavar="LOAD"),
        click.argument("row_numbers", nargs=-1, type=int, metavar="[ROW]..."),
        click.option("--all", "is_all", is_flag=True, help=all_help),
        _rule,
        _why,
    )

    def add(command: _Command) -> _Command:
        for option in reversed(chosen):
            command = option(command)
        return command

    return add


@quarantine.command("discard")
@_row_options("All waiting rows of the load.")
def discard(**chosen: Any) -> None:
    """Leave rows of LOAD out for good. Undo: `assay quarantine reopen`."""
    from assay.pipeline.quarantine.words import discard_rows

    _settle(discard_rows, "discarded", **chosen)


@quarantine.command("reopen")
@_row_options("All rows of the load that can be taken back.")
def reopen(**chosen: Any) -> None:
    """Take back the repair, the discard, or the replay not yet released, of rows of LOAD."""
    from assay.pipeline.quarantine.reopen import reopen_rows

    _settle(reopen_rows, "open again", **chosen)


def _settle(
    act: _Command,
    done: str,
    load_id: str,
    row_numbers: tuple[int, ...],
    is_all: bool,
    rule: str,
    reason: str,
) -> None:
    if is_all == bool(row_numbers):
        raise click.UsageError("name rows by their numbers, or all of them by --all")
    if rule and row_numbers:
        raise click.UsageError("--rule goes with --all only")
    project = open_here()
    from assay.pipeline.quarantine.rows import contract_of_load

    contract = contract_of_load(project, load_id)
    chosen = _filter(load_id=load_id, rule=rule, row_numbers=row_numbers)
    rows = act(project, contract, chosen, _signature(reason))
    click.echo(f"{format_count(rows, 'row')} of load {load_id} {done}")


def _contracts(project: Project, target: str) -> list[Contract]:
    from assay.errors import ContractError
    from assay.pipeline.quarantine.rows import choose_contracts

    product, _, table = target.partition(".")
    if product:
        require_product(project, product)
        return choose_contracts(project, product, table)
    found: list[Contract] = []
    for name in choose_products(project, ""):
        try:
            found += choose_contracts(project, name)
        except ContractError as error:
            # What is wrong with one product hides no other's rows.
            click.echo(f"warning: the quarantine of {name} is left out: {error.what}", err=True)
    return found


def _one_contract(project: Project, target: str) -> Contract:
    product, _, table = target.partition(".")
    if not table:
        raise click.UsageError(f"'{target}': expected PRODUCT.TABLE, such as flights.planes")
    require_product(project, product)
    from assay.pipeline.quarantine.rows import choose_contracts

    return choose_contracts(project, product, table)[0]


def _filter(
    *,
    load_id: str = "",
    rule: str = "",
    row_numbers: tuple[int, ...] = (),
    states: tuple[str, ...] = (),
) -> RowFilter:
    from assay.domain import RowState
    from assay.pipeline.quarantine.rows import RowFilter

    return RowFilter(load_id, row_numbers, rule, tuple(RowState(state) for state in states))


def _signature(reason: str) -> Signature:
    from assay.pipeline.quarantine.words import Signature

    return Signature(current_user(), reason)
