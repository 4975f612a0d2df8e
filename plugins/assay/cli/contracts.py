"""``assay contracts``: what is compiled from contracts, and what has changed in them."""

from __future__ import annotations

import json

import click

from assay.cli.opening import open_here


@click.group("contracts")
def contracts() -> None:
    """Compile contracts to suites, models and row rules; compare them with earlier ones."""


@contracts.command("compile")
@click.argument("product", default="")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where files differ.")
def compile_files(product: str, check: bool) -> None:
    """Bring the compiled files of PRODUCT, or of every product, up to its contracts.

    Of a product whose contracts are gone its compiled files are removed.
    """
    project = open_here()
    from assay.pipeline.compiling import compile_product, products_to_compile

    settings = project.settings
    differing = 0
    products = (product,) if product else products_to_compile(project)
    for name in products:
        found = compile_product(project, name, is_dry_run=check)
        differing += len(found.written) + len(found.removed)
        for verb, paths in (("write", found.written), ("remove", found.removed)):
            for path in paths:
                shown = path.relative_to(settings.project_root)
                click.echo(f"{'would ' if check else ''}{verb}  {shown}")
        click.echo(f"{name}: {found.unchanged} files are as the contracts say")
    if check and differing:
        click.echo("run `assay contracts compile` and commit what it writes", err=True)
        raise click.exceptions.Exit(1)


@contracts.command("diff")
@click.argument("revision")
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def diff_revision(revision: str, style: str) -> None:
    """Say what has changed in the contracts since git REVISION, and for whom that breaks.

    Exits with 1 where a contract has not made the step of its version that its changes demand,
    or a breaking one has no migration note.
    """
    from assay.cli.contract_changes import describe_changes, tell_changes
    from assay.pipeline.contract_history import diff_contracts

    diffs = diff_contracts(open_here(), revision)
    if style == "json":
        click.echo(json.dumps(describe_changes(diffs, revision), indent=2, ensure_ascii=False))
    else:
        click.echo(tell_changes(diffs, revision))
    if any(diff.problems for diff in diffs):
        raise click.exceptions.Exit(1)
