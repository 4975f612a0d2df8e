"""``assay maintain``: what nothing needs any more is removed."""

from __future__ import annotations

import click

from assay.cli.opening import open_here, require_product
from assay.cli.text_table import format_count


@click.command("maintain")
@click.argument("product", default="")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would go; remove nothing.")
@click.option("--keep-releases", type=click.IntRange(min=1), help="Instead of ASSAY_KEEP_RELEASES.")
def maintain(product: str, is_dry_run: bool, keep_releases: int | None) -> None:
    """Remove the files and logs that no retained release needs, of PRODUCT or of all.

    Releases beyond the newest ones are retired: they stay listed and cannot be read any more.
    Files that killed writes left behind go as well.
    """
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
    for each in done.tables:
        if each.problem:
            click.echo(f"left alone: {each.table}: {each.problem}", err=True)
