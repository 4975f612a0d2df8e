"""``assay data-docs``: the audits of the newest runs as Great Expectations' site."""

from __future__ import annotations

import click

from assay.cli.opening import open_here


@click.command("data-docs")
def data_docs() -> None:
    """Render the audits of the newest runs as Data Docs, and print where their first page is.

    The site is written anew from recorded results: nothing is audited, and runs older than
    ASSAY_DATA_DOCS_RUNS of each product are left out. It holds counts, never rows.
    """
    from assay.pipeline.data_docs import write_data_docs

    click.echo(write_data_docs(open_here()))
