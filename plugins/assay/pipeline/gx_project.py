"""A product's current release as a Great Expectations project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.domain import BoundTable, Layer, Release, TableRef
from assay.errors import ReleaseError
from assay.pipeline.bindings import bind_table, pinned_tables
from assay.pipeline.project import Project
from assay.pipeline.readers import layer_name
from assay.quality import load_suite
from assay.quality.gx_project import write_project
from assay.storage import open_connection, scan

if TYPE_CHECKING:
    from great_expectations.data_context import FileDataContext


def open_gx_project(project: Project, product: str) -> FileDataContext:
    """Write ``lake/_assay/gx/<product>`` from the release and its suites, and open it.

    Its tables are as audits see them: without the states that ``assay sql`` adds to quarantine.

    Raises:
        AuditFailed: a released table has no suite.
        QualityError: a suite cannot be read.
        ReleaseError: the product has no release.
    """
    release = project.releases.current(product)
    if release is None:
        raise ReleaseError(
            f"{product} has no release yet", todo=f"run it first: `assay run {product}`"
        )
    tables = [TableRef.parse(name) for name in release.tables]
    expectations = project.settings.expectations_path
    suites = {table: load_suite(expectations, product, table) for table in tables}
    connection = open_connection(project.settings.memory_limit, project.settings.threads)
    for layer in Layer:
        connection.execute(f"create schema {layer.value}")
    read = {other for suite in suites.values() for other in suite.reads}
    for bound in (*pinned_tables(project, release.reads), *_own_tables(project, release)):
        if bound.table in suites or bound.table in read:
            source = scan(bound.path, bound.version)
            connection.execute(f"create view {layer_name(bound.table)} as from {source}")
    return write_project(project.lake / "_assay" / "gx" / product, product, connection, suites)


def _own_tables(project: Project, release: Release) -> list[BoundTable]:
    return [
        bind_table(project, TableRef.parse(name), version)
        for name, version in release.tables.items()
    ]
