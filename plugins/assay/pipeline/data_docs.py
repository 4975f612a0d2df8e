"""Data Docs of the newest runs, rendered from what their audits recorded."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from assay.contracts import list_products
from assay.domain import CheckResult, TableRef
from assay.errors import AssayError, QualityError
from assay.pipeline.locks import take_turn
from assay.pipeline.project import Project
from assay.quality import Expectation, load_suite
from assay.quality.data_docs import render_data_docs

_log = logging.getLogger(__name__)

# No product is named so: their names begin with a letter.
_WORK = "_data_docs"


def write_data_docs(project: Project) -> Path:
    """Render ``lake/_assay/data_docs`` from the newest runs of each product; older ones go.

    How many runs: ``ASSAY_DATA_DOCS_RUNS``. Runs know nothing of it: it reads their records.

    Raises:
        QualityError: no run has audited anything yet.
    """
    with take_turn(project.lake, _WORK):
        audits = _newest_audits(project)
        if not audits:
            raise QualityError(
                "no audit is recorded yet", todo="run a product first: `assay run <product>`"
            )
        home = project.lake / "_assay"
        tables = {(audit[0].product, audit[0].table) for audit in audits}
        suites = {table: _load(project, product, table) for product, table in sorted(tables)}
        return render_data_docs(home / "data_docs", home / "scratch" / "data_docs", audits, suites)


def _newest_audits(project: Project) -> list[list[CheckResult]]:
    """One list an audit: a run may audit a table version twice, as after a retry."""
    wanted = project.settings.count("data_docs_runs")
    found: dict[tuple[object, ...], list[CheckResult]] = defaultdict(list)
    for product in list_products(project.settings.contracts_path):
        runs = sorted(project.records.runs_of(product), key=lambda run: run.started_at_utc)
        names = [{"run_id": run.run_id} for run in runs[-wanted:]]
        for check in project.records.checks.read_any(names) if names else ():
            key = (check.run_id, check.table, check.version, check.checked_at_utc)
            found[key].append(check)
    return list(found.values())


def _load(project: Project, product: str, table: str) -> Sequence[Expectation]:
    """The table's suite as it is now; pages of a table without one still say what was recorded."""
    try:
        suite = load_suite(project.settings.expectations_path, product, TableRef.parse(table))
    except AssayError as error:
        _log.warning("data_docs_suite table=%s %s", table, error.what)
        return ()
    return suite.expectations
