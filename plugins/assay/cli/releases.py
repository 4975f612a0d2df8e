"""``assay releases``: which table versions readers saw, and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from assay.cli.command_group import DefaultGroup
from assay.cli.opening import choose_products, open_here, require_product
from assay.cli.text_table import format_table, format_time, indent

if TYPE_CHECKING:
    from assay.domain import Release
    from assay.pipeline import Project


@click.group("releases", cls=DefaultGroup, default="list")
def releases() -> None:
    """List releases (`assay releases flights`), or show one (`assay releases show flights 3`)."""


@releases.command("list")
@click.argument("product", default="")
def list_releases(product: str) -> None:
    """List the releases of PRODUCT, or of every product."""
    project = open_here()
    rows = [
        _row(release)
        for name in choose_products(project, product)
        for release in project.releases.all(name)
    ]
    if not rows:
        click.echo("Nothing is released yet: assay run <product>")
        return
    headers = ("product", "release", "published", "kind", "loads", "tables", "passed", "run")
    right = ("release", "loads", "tables", "passed")
    click.echo(format_table(headers, rows, right=right))


@releases.command("show")
@click.argument("product")
@click.argument("number", type=int, required=False)
@click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def show_release(product: str, number: int | None, style: str) -> None:
    """Show release NUMBER of PRODUCT, by default the current one.

    With --format json: the path and version of each table, for any engine that reads Delta.
    """
    from assay.errors import ReleaseError

    project = open_here()
    require_product(project, product)
    current = project.releases.current(product)
    if current is None:
        raise ReleaseError(f"{product} has no release yet", todo=f"`assay run {product}`")
    release = project.releases.get(product, number) if number else current
    if style == "json":
        click.echo(json.dumps(describe_release(project, release), indent=2))
    else:
        click.echo(render_release(project, release, is_current=release == current))


def describe_release(project: Project, release: Release) -> dict[str, object]:
    """Write a release as plain values: everything that another engine needs to read it."""
    from assay.domain import TableRef

    return {
        "product": release.product,
        "release": release.number,
        "kind": release.kind,
        "run": release.run_id,
        "base": release.base,
        "published_at_utc": release.published_at_utc.isoformat(),
        "tables": {
            name: {
                "path": str(project.table_path(TableRef.parse(name))),
                "version": version,
                "rows": release.rows[name],
            }
            for name, version in release.tables.items()
        },
        "loads": list(release.loads),
        "reads": dict(release.reads),
        "checks": dict(release.checks),
        "contracts": dict(release.contracts),
        "code": {
            "revision": release.code_revision,
            "is_dirty": release.code_dirty,
            "tree_hash": release.code_tree_hash,
        },
    }


def render_release(project: Project, release: Release, *, is_current: bool) -> str:
    """Write a release as text of several lines."""
    from assay.domain import TableRef

    rows = [
        (name, release.rows[name], str(version), project.table_path(TableRef.parse(name)))
        for name, version in release.tables.items()
    ]
    reads = ", ".join(f"{name} release {number}" for name, number in release.reads.items())
    checks = ", ".join(f"{count} {state}" for state, count in release.checks.items())
    code = release.code_revision or "outside git"
    return "\n".join(
        [
            f"Release {release.number} of {release.product}"
            + (" (the current one)" if is_current else ""),
            f"  kind:      {release.kind}, on top of release {release.base}",
            f"  published: {format_time(release.published_at_utc)} by run {release.run_id}",
            f"  code:      {code}{' and changes to it' if release.code_dirty else ''},"
            f" tree {release.code_tree_hash}",
            f"  checks:    {checks}",
            f"  reads:     {reads or 'no other product'}",
            indent(format_table(("table", "rows", "version", "path"), rows, right=("rows",))),
            f"  loads:     {len(release.loads)}",
            *(f"    {load}" for load in release.loads),
        ]
    )


def _row(release: Release) -> tuple[object, ...]:
    return (
        release.product,
        release.number,
        format_time(release.published_at_utc),
        release.kind,
        len(release.loads),
        len(release.tables),
        release.checks.get("passed", 0),
        release.run_id,
    )
