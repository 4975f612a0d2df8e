"""What a parent can do once for all that it forks: import, read contracts, parse dbt."""

from __future__ import annotations

import logging
from importlib import import_module

from assay import quality
from assay.contracts import list_products
from assay.errors import AssayError
from assay.pipeline.project import Project

_log = logging.getLogger(__name__)

_IMPORTED_WHEN_USED = (
    "assay.lineage.events",
    "openlineage.client.transport.http",
)


def preload(project: Project) -> None:
    """Import what stages import when they run, read the contracts, parse dbt. Opens nothing.

    What changes later is read again; what cannot be read is left to the task that needs it.
    """
    quality.preload()
    for module in _IMPORTED_WHEN_USED:
        import_module(module)
    try:
        for product in list_products(project.settings.contracts_path):
            project.contracts(product)
        project.dbt.preload()
    except AssayError as error:
        _log.warning("preload_incomplete reason=%s", error.what)
