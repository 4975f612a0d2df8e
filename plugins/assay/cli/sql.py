"""``assay sql``: one reading query on released tables."""

from __future__ import annotations

import sys

import click

from assay.cli.opening import open_here


@click.command("sql")
@click.argument("query")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="json: an array of objects; csv: with a header.",
)
@click.option("--run", "run_id", default="", help="Show a run's candidates instead.")
@click.option(
    "--release",
    "pins",
    multiple=True,
    metavar="PRODUCT=N",
    help="Show an earlier release of a product; repeatable.",
)
@click.option(
    "--as-of",
    default="",
    metavar="RELEASE|MOMENT",
    help="Show every product as it was: a release's number, or a moment such as"
    " 2024-05-01T12:00:00Z.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Most rows of a table shown; 0: all. json and csv always write all.",
)
def sql(query: str, style: str, run_id: str, pins: tuple[str, ...], as_of: str, limit: int) -> None:
    """Run QUERY on the current releases; tables are named LAYER.NAME, as gold.fct_flights.

    Every table is read as it was at one moment. Queries read; they write nothing.

    In json and csv, moments are ISO 8601 in UTC (2013-01-01T10:00:00Z), one without a zone has
    no Z, and numbers have all their digits (1.50 stays 1.50). A NULL is null in json and empty
    in csv.
    """
    releases = parse_pins(pins)
    if as_of and (run_id or releases):
        raise click.UsageError("--as-of goes with neither --run nor --release")
    project = open_here()
    from assay.cli.sql_output import write_rows
    from assay.pipeline.query import open_query

    with open_query(project, query, run_id=run_id, releases=releases, as_of=as_of) as result:
        left_out = write_rows(result, style, sys.stdout, limit=limit)
    if left_out:
        click.echo(f"only the first {limit:,} rows are shown: --limit 0 shows all", err=True)


def parse_pins(pins: tuple[str, ...]) -> dict[str, int]:
    """Read ``product=N`` pairs.

    Raises:
        click.UsageError: one is not a pair with a number.
    """
    chosen: dict[str, int] = {}
    for pin in pins:
        product, _, number = pin.partition("=")
        if not product or not number.isdecimal():
            raise click.UsageError(
                f"--release '{pin}': expected PRODUCT=N, such as --release flights=3"
            )
        chosen[product] = int(number)
    return chosen
