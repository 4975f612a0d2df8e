"""A product's current release as a Great Expectations project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.domain import TableRef
from assay.errors import ReleaseError
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
    for layer in {table.layer for table in tables}:
        connection.execute(f"create schema {layer.value}")
    for name, version in release.tables.items():
        source = scan(str(project.table_path(TableRef.parse(name))), version)
        connection.execute(f"create view {layer_name(TableRef.parse(name))} as from {source}")
    return write_project(project.lake / "_assay" / "gx" / product, product, connection, suites)
