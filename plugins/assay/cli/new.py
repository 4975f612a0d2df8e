"""``assay new``: the files of a new product."""

from __future__ import annotations

from pathlib import Path

import click

from assay.cli.opening import current_user
from assay.cli.text_table import format_count, indent


@click.group("new")
def new() -> None:
    """Start a new product."""


@new.command("product")
@click.argument("name")
@click.option("--table", "tables", multiple=True, help="A table that is delivered; repeatable.")
@click.option(
    "--from",
    "samples",
    multiple=True,
    metavar="[TABLE=]FILE.csv",
    help="A CSV file to guess a table's columns from; repeatable. Without TABLE= the table is"
    " named as the file.",
)
@click.option("--owner", default="", help="Who answers for the data. Default: your user name.")
def product(name: str, tables: tuple[str, ...], samples: tuple[str, ...], owner: str) -> None:
    """Write contracts, models, suites and a DAG for the product NAME.

    What it writes runs to a release as it is; it overwrites nothing.
    """
    from assay.config import read_settings
    from assay.pipeline.scaffold import scaffold_product

    settings = read_settings()
    made = scaffold_product(
        settings, name, choose_tables(tables, samples), owner=owner or current_user()
    )
    root = settings.project_root
    click.echo(f"{name}: {format_count(len(made.files), 'file')} written")
    click.echo(indent("\n".join(str(file.relative_to(root)) for file in made.files)))
    folders = [str(settings.deliveries_path / name / table.name) for table in made.tables]
    click.echo("\nNext:")
    click.echo(
        f"  1. confirm what contracts/{name}/*.odcs.yaml says: types, null texts, keys, owner"
    )
    click.echo(f"     (then: assay contracts compile {name})")
    click.echo("  2. deliver CSV files to:")
    click.echo(indent("\n".join(folders), "     "))
    click.echo(f"  3. assay run {name}")
    click.echo(f'  4. assay sql "from gold.{made.gold} limit 5"')


def choose_tables(tables: tuple[str, ...], samples: tuple[str, ...]) -> dict[str, Path | None]:
    """Bring tables and samples together, in the order given, samples first.

    Raises:
        click.UsageError: a sample is no file, or two are for one table.
    """
    from assay.pipeline.scaffold_guess import make_identifier

    chosen: dict[str, Path | None] = {}
    for sample in samples:
        table, equals, path = sample.partition("=")
        file = Path(path if equals else sample)
        name = table if equals else make_identifier(file.stem)
        if not file.is_file():
            raise click.UsageError(f"--from '{sample}': there is no file {file}")
        if name in chosen:
            raise click.UsageError(f"--from '{sample}': '{name}' has a file already")
        chosen[name] = file
    return chosen | {table: chosen.get(table) for table in tables}
