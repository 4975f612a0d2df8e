"""The command line: ``assay``. Commands call the same pipeline functions as Airflow's tasks."""

from __future__ import annotations

import click

from assay.cli.command_group import LazyGroup

_COMMANDS = {
    "run": ("run_command:run_command", "Take a product from its deliveries to a release."),
    "status": ("status:status", "Show releases, waiting loads and the latest runs."),
    "summary": ("summary:summary", "Sum up the current release of a product."),
    "sql": ("sql:sql", "Query released tables."),
    "releases": ("releases:releases", "List releases, or show one."),
    "rollback": ("rollback:rollback", "Publish an earlier release again."),
    "maintain": ("maintain:maintain", "Remove what no retained release needs."),
    "loads": ("loads:loads", "List loads; resume or skip them."),
    "quarantine": ("quarantine:quarantine", "Look at quarantined rows; mend and replay them."),
    "explain": ("explain:explain", "Say in plain words what a run did."),
    "lineage": ("lineage:lineage", "Draw what feeds a table and what it feeds."),
    "data-docs": ("data_docs:data_docs", "Render the newest audits as Data Docs."),
    "contracts": ("contracts:contracts", "Compile contracts to suites, models and row rules."),
    "new": ("new:new", "Start a new product."),
    "trigger": ("trigger:trigger", "Start a DAG run on a running Airflow."),
    "settings": ("settings:settings", "List every setting, its value and meaning."),
}


@click.group(
    cls=LazyGroup,
    lazy={name: (f"assay.cli.{place}", text) for name, (place, text) in _COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--debug", is_flag=True, help="Show tracebacks and the log.")
@click.version_option(package_name="assay-dataops", prog_name="assay")
def run(debug: bool) -> None:
    """Assay: a lakehouse in which nothing reaches a reader until it has been tested."""
    import logging

    logging.basicConfig(
        level=logging.INFO if debug else logging.WARNING,
        format="%(levelname)s %(name)s %(message)s" if debug else "%(levelname)s %(message)s",
    )
    # It warns of each of its own retries. What comes of them is told once, in our words.
    logging.getLogger("urllib3").setLevel(logging.INFO if debug else logging.ERROR)
