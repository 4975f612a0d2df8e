"""A Great Expectations project: suites, validation definitions and checkpoints as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.domain import TableRef
from assay.quality.suite import Suite
from assay.quality.validation import quiet

if TYPE_CHECKING:
    import duckdb
    from great_expectations.data_context import FileDataContext

_STORES = {
    "expectations_store": ("ExpectationsStore", "expectations"),
    "validation_results_store": ("ValidationResultsStore", "uncommitted/validations"),
    "checkpoint_store": ("CheckpointStore", "checkpoints"),
    "validation_definition_store": ("ValidationDefinitionStore", "validation_definitions"),
}


def open_folder(folder: Path) -> FileDataContext:
    """Open a project's folder, ``folder/gx``; write its configuration where there is none.

    Nothing phones home: analytics are off in the configuration before GX first reads it.
    """
    import great_expectations as gx
    import yaml

    path = folder / "gx" / "great_expectations.yml"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(_configuration(), sort_keys=False), encoding="utf-8")
    with quiet():
        return gx.get_context(mode="file", project_root_dir=folder)


def write_project(
    folder: Path,
    product: str,
    connection: duckdb.DuckDBPyConnection,
    suites: Mapping[TableRef, Suite],
) -> FileDataContext:
    """Bring a project's files up to date, and return it opened on a connection.

    The connection shows each table as ``layer.name``. For each table there are a suite, a
    validation definition and a checkpoint, all named ``layer.name``, and one checkpoint of all
    tables named after the product. What a person adds under other names stays.
    """
    import great_expectations as gx

    from assay.quality.gx_datasource import ReleaseDatasource

    context = open_folder(folder)
    ReleaseDatasource.connections[context] = connection
    with quiet():
        if product in context.data_sources.all():
            context.data_sources.delete(product)
        source = context.data_sources.add_assay_release(name=product)
        definitions = [
            _define(context, source, table, suite) for table, suite in sorted(suites.items())
        ]
        for each in definitions:
            context.checkpoints.add_or_update(_checkpoint(each.name, [each]))
        context.checkpoints.add_or_update(_checkpoint(product, definitions))
        opened = gx.get_context(mode="file", project_root_dir=folder)
    ReleaseDatasource.connections[opened] = connection
    return opened


def _define(context: FileDataContext, source: Any, table: TableRef, suite: Suite) -> Any:
    import great_expectations as gx

    asset = source.add_table_asset(
        name=str(table), table_name=table.name, schema_name=table.layer.value
    )
    whole = asset.add_batch_definition_whole_table("release")
    written = context.suites.add_or_update(
        gx.ExpectationSuite(
            name=str(table),
            expectations=[
                {
                    "type": each.type,
                    "kwargs": dict(each.kwargs),
                    "meta": dict(each.meta),
                    "severity": each.severity.value,
                    "description": each.description or None,
                }
                for each in suite.expectations
            ],
        )
    )
    return context.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=str(table), data=whole, suite=written)
    )


def _checkpoint(name: str, definitions: list[Any]) -> Any:
    """Counts, and no values of rows: a checkpoint's results are written to files."""
    import great_expectations as gx

    return gx.Checkpoint(
        name=name,
        validation_definitions=definitions,
        actions=[],
        result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
    )


def _configuration() -> dict[str, object]:
    return {
        "config_version": 4.0,
        "plugins_directory": None,
        "stores": {
            name: {
                "class_name": kind,
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": f"{place}/",
                    "suppress_store_backend_id": True,
                },
            }
            for name, (kind, place) in _STORES.items()
        },
        # GX finds the remaining store by its name alone and takes no setting for it.
        **{f"{name}_name": name for name in _STORES if name != "validation_definition_store"},
        "data_docs_sites": {
            "local_site": {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": "data_docs/",
                },
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            }
        },
        "fluent_datasources": {},
        "analytics_enabled": False,
    }
