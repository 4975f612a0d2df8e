"""``assay maintain``: what nothing needs any more is removed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from assay.cli.opening import open_here, require_product
from assay.cli.text_table import format_count

_USUAL_DAYS = 7


@click.command("maintain")
@click.argument("product", default="")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would go; remove nothing.")
@click.option("--keep-releases", type=click.IntRange(min=1), help="Instead of ASSAY_KEEP_RELEASES.")
@click.option(
    "--lake",
    type=click.Path(path_type=Path),
    help="A plain lake of another dbt project: compact its tables and remove old versions.",
)
@click.option(
    "--keep-days",
    type=click.IntRange(min=1),
    help=f"With --lake: how long versions stay readable; without, {_USUAL_DAYS}.",
)
def maintain(
    product: str,
    is_dry_run: bool,
    keep_releases: int | None,
    lake: Path | None,
    keep_days: int | None,
) -> None:
    """Remove the files and logs that no retained release needs, of PRODUCT or of all.

    Releases beyond the newest ones are retired: they stay listed and cannot be read any more.
    Files that killed writes left behind go as well.
    """
    if lake is not None:
        if product or keep_releases:
            raise click.UsageError("--lake goes with --keep-days and --dry-run only")
        _maintain_plain(lake, keep_days or _USUAL_DAYS, is_dry_run)
        return
    if keep_days:
        raise click.UsageError("--keep-days goes with --lake only")
    _maintain_project(product, keep_releases, is_dry_run)


def _maintain_plain(lake: Path, keep_days: int, is_dry_run: bool) -> None:
    from assay.pipeline.maintain_plain_lake import maintain_plain_lake

    now = datetime.now(UTC)
    done = maintain_plain_lake(lake, keep_days=keep_days, now=now, is_dry_run=is_dry_run)
    would = "would be " if is_dry_run else ""
    joined = sum(each.joined_files for each in done)
    data = sum(len(each.cleaning.data_files) for each in done)
    logs = sum(len(each.cleaning.log_files) for each in done)
    size = sum(each.cleaning.size_bytes for each in done) / 1e6
    click.echo(
        f"{format_count(joined, 'small file')} {would}joined, {format_count(data, 'data file')} and"
        f" {format_count(logs, 'log file')} {would}removed from {format_count(len(done), 'table')}:"
        f" {size:,.1f} MB"
    )
    for each in done:
        if each.problem:
            click.echo(f"left for the next time: {each.table}: {each.problem}", err=True)


def _maintain_project(product: str, keep_releases: int | None, is_dry_run: bool) -> None:
    project = open_here()
    if product:
        require_product(project, product)
    from assay.pipeline.maintain import maintain as clean

    settings = project.settings
    done = clean(
        project,
        product,
        keep_releases=keep_releases or settings.count("keep_releases"),
        keep_days=settings.count("keep_candidates_days"),
        is_dry_run=is_dry_run,
    )
    would = "would be " if is_dry_run else ""
    data = sum(len(each.cleaning.data_files) for each in done.tables)
    logs = sum(len(each.cleaning.log_files) for each in done.tables)
    click.echo(
        f"{format_count(data, 'data file')} and {format_count(logs, 'log file')} {would}removed"
        f" from {format_count(len(done.tables), 'table')}: {done.size_bytes / 1e6:,.1f} MB"
    )
    if done.retired:
        click.echo(f"{format_count(len(done.retired), 'release')} {would}retired:")
        click.echo("\n".join(f"  {r.product} {r.number}" for r in done.retired))
    if done.scratch_folders:
        folders = format_count(len(done.scratch_folders), "scratch folder")
        click.echo(f"{folders} of ended runs {would}removed")
    for each in done.tables:
        if each.problem:
            click.echo(f"left alone: {each.table}: {each.problem}", err=True)
