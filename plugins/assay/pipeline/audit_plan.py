"""Which tables a run has to audit itself: an earlier run's audit does not stand for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from assay.domain import Release, Run, TableRef
from assay.pipeline.audit_reads import find_news, layers_before
from assay.pipeline.dbt_tests import tables_read, tests_of
from assay.pipeline.project import Project
from assay.quality import suite_reads
from assay.transform import Model


def due_audits(
    project: Project,
    run: Run,
    models: Mapping[str, Model],
    base: Release | None,
    tables: Collection[TableRef],
) -> frozenset[TableRef]:
    """Return those of a product's tables that a run wrote, or whose suite, or another table
    that their checks read, has changed since its base.

    Raises:
        QualityError: a file is not a suite.
    """
    written = {TableRef.parse(name) for name in project.records.candidates_of(run.run_id)}
    tests, suites = tests_of(models, run.product), project.settings.expectations_path
    due = set()
    for table in tables:
        # What the run writes later is not there when the table is audited.
        layers = layers_before(table.layer)
        seen = {each for each in written if each.layer in layers}
        if (
            table in written
            or table.suite in run.audits
            or any(tables_read(test, models) & seen for test in tests.get(table, ()))
            or suite_reads(suites, run.product, table) & find_news(project, run, base, seen)
        ):
            due.add(table)
    return frozenset(due)
