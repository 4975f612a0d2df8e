"""``assay status``: what readers see, what waits, what the latest runs came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assay.cli.opening import choose_products, open_here
from assay.cli.text_table import format_count, format_table, format_time, indent, shorten

if TYPE_CHECKING:
    from assay.domain import Load, Release
    from assay.pipeline.status import ProductStatus, RunStatus


@click.command("status")
@click.argument("product", default="")
@click.option(
    "--runs",
    "newest_runs",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="How many runs to list.",
)
def status(product: str, newest_runs: int) -> None:
    """Show where PRODUCT stands, or every product."""
    project = open_here()
    from assay.pipeline.status import read_status

    products = choose_products(project, product)
    if not products:
        click.echo("No product yet. Start one: assay new product <name>")
    for position, name in enumerate(products):
        text = render_status(read_status(project, name, newest_runs=newest_runs))
        click.echo(("\n" if position else "") + text)


def render_status(found: ProductStatus) -> str:
    """Write a product's status as text of several lines."""
    parts = [_describe_release(found.product, found.release)]
    if found.holder:
        parts.append(f"Being written now by {found.holder}")
    parts += [f"warning: {each}" for each in found.warnings]
    parts.append(_describe_waiting(found))
    if found.checked_last_at_utc:
        parts.append(f"Nothing new was found at {format_time(found.checked_last_at_utc)}")
    if found.runs:
        parts.append("\nLatest runs:")
        headers = ("run", "started", "state", "after or in", "release")
        parts.append(indent(format_table(headers, [_run_row(run) for run in found.runs])))
    # What is over the list names, and `explain` tells more.
    left = [run for run in found.runs if not run.is_over and (run.is_readable or run.error)]
    parts += [_describe_unreleased(run) for run in left]
    return "\n".join(parts)


def _describe_release(product: str, release: Release | None) -> str:
    if release is None:
        return f"{product}: nothing released yet (`assay run {product}`)"
    rows = [(name, release.rows[name], str(version)) for name, version in release.tables.items()]
    reads = ", ".join(f"{name} release {number}" for name, number in release.reads.items())
    return "\n".join(
        [
            f"{product}: release {release.number} ({release.kind}),"
            f" published {format_time(release.published_at_utc)}, {len(release.loads)} loads"
            + (f", read from {reads}" if reads else ""),
            indent(format_table(("table", "rows", "version"), rows, right=("rows", "version"))),
        ]
    )


def _describe_waiting(found: ProductStatus) -> str:
    pending, product = found.pending, found.product
    lines: list[str] = []
    if pending.ready:
        lines += [f"{format_count(len(pending.ready), 'load')} ready for the next run:"]
        lines += _shorten(product, _list(pending.ready))
    if pending.withheld:
        lines.append(
            f"{format_count(len(pending.withheld), 'load')} withheld"
            f" (`assay loads resume {product}`):"
        )
        lines += _shorten(
            product,
            [
                f"  {each.load_id}  {each.source_name}: {found.holds[each.load_id].reason}"
                for each in pending.withheld
            ],
        )
    if pending.refused:
        lines.append("Refused; deliver again, or `assay loads skip LOAD --why '…'`:")
        refused = [f"  {each.load_id}  {each.reason}" for each in pending.refused]
        lines += _shorten(product, refused)
    if pending.held_back:
        lines.append(f"{format_count(len(pending.held_back), 'load')} held back behind those:")
        lines += _shorten(product, _list(pending.held_back))
    return "\n".join(lines) or "No load is waiting."


def _list(loads: tuple[Load, ...]) -> list[str]:
    return [f"  {each.load_id}  {each.source_name}  {each.row_count:,} rows" for each in loads]


def _shorten(product: str, lines: list[str]) -> list[str]:
    return shorten(lines, "load", f"assay loads {product}")


def _run_row(status: RunStatus) -> tuple[str, ...]:
    standing = status.standing
    stage = standing.stage.value.replace("_", " ") if standing.stage else ""
    return (
        status.run_id,
        format_time(status.started_at_utc),
        standing.state.value,
        stage,
        str(status.release or ""),
    )


def _describe_unreleased(status: RunStatus) -> str:
    lines = [f"\n{status.run_id} ({status.standing.state.value}):"]
    if status.error:
        lines.append(indent(status.error))
    if status.is_readable:
        tables = ", ".join(each.table for each in status.candidates)
        lines.append(f"  its candidates can be read: {tables}")
        lines.append(f'    assay sql --run {status.run_id} "from {status.candidates[-1].table}"')
    lines.append(f"  more: assay explain {status.run_id}")
    return "\n".join(lines)
