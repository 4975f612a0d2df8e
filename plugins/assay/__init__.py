"""Assay: a DataOps platform on Apache Airflow 3. Start reading at :mod:`assay.pipeline`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    from great_expectations.data_context import FileDataContext

    from assay.pipeline import PinnedReader

__version__ = "0.1.0"


def read(table: str, release: int | None = None) -> pa.Table:
    """Read one released table whole, such as ``gold.fct_flights``, from the current release.

    Args:
        table: ``layer.name``.
        release: an earlier release of the product that the table belongs to.

    Two calls may see two releases: :func:`pin` reads several tables of one.

    Raises:
        ReleaseError: no release has this table, or not that release.
    """
    from assay.config import read_settings
    from assay.pipeline import open_project, read_table

    return read_table(open_project(read_settings()), table, release)


def gx_context(product: str) -> FileDataContext:
    """Open a product's current release in the Great Expectations API.

    The context has a suite, a validation definition and a checkpoint for each released table,
    named as the table, and a checkpoint of all tables, named as the product.

    Raises:
        ReleaseError: the product has no release.
        QualityError: a suite cannot be read.
    """
    from assay.config import read_settings
    from assay.pipeline import open_project
    from assay.pipeline.gx_project import open_gx_project

    return open_gx_project(open_project(read_settings()), product)


def pin() -> PinnedReader:
    """Pin the current release of every product, to ``read`` several tables as of one moment."""
    from assay.config import read_settings
    from assay.pipeline import open_project, pin_releases

    return pin_releases(open_project(read_settings()))
