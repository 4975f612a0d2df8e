"""The dbt-duckdb plugin: binds dbt's relations to Delta tables at versions, and writes them.

Named in ``profiles.yml``. In an Assay project it asks the pipeline for a :class:`LakeBinding`
and obeys it. With ``config: {lake: <folder>}`` it serves a plain lake of Delta tables to a dbt
project of any kind.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import CompilationError

from assay.config import read_settings
from assay.dbt.relations import bind_relations, use_utc
from assay.domain import LakeBinding, Layer
from assay.errors import ColumnsChanged, StorageError
from assay.pipeline.binding_file import read_binding
from assay.pipeline.developer import developer_binding
from assay.pipeline.plain_lake import PlainLake
from assay.pipeline.project import open_project
from assay.pipeline.store import ABOUT_NAMES, Invocation, store_rows
from assay.storage import prepare_connection

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_log = logging.getLogger(__name__)


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt-duckdb ships no types
    """One plugin object serves one dbt invocation."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Find the lake: a plain one, a run's, or a developer's where no run started this dbt."""
        self._cursor = threading.local()
        self._binding: LakeBinding | None = None
        self._invocation = Invocation()
        folder = plugin_config.get("lake")
        self._plain = (
            PlainLake(
                Path(folder).expanduser().resolve(),
                str(plugin_config.get("run") or ""),
                AdapterLogger("Assay"),
            )
            if folder
            else None
        )

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Let DuckDB load the Delta extension from its wheel."""
        config["allow_unsigned_extensions"] = "true"

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Bind every table that this dbt may read."""
        if self._plain is not None:
            prepare_connection(conn)
            self._plain.bind(conn)
            return
        binding = self._bound()
        prepare_connection(conn, binding.memory_limit, binding.threads)
        bind_relations(conn, binding)
        for notice in binding.notices:
            _log.warning("%s", notice)

    def configure_cursor(self, cursor: Any) -> None:
        """Remember the thread's own connection: its temporary views are seen there only."""
        use_utc(cursor)
        self._cursor.value = cursor

    def store(self, target_config: TargetConfig) -> None:
        """Write a model's new rows and bind its name to what was written."""
        relation = target_config.relation
        schema, name = str(relation.schema), str(relation.identifier)
        request, cursor = target_config.config, self._cursor.value
        if self._plain is not None:
            try:
                self._plain.store(cursor, schema, name, request)
            except ColumnsChanged as error:
                # What dbt calls it where on_schema_change is `fail`.
                raise CompilationError(str(error)) from error
            return
        is_stored = request["mode"] not in ABOUT_NAMES
        if is_stored and schema not in set(Layer):
            raise StorageError(
                f"the schema of {schema}.{name} is no layer of an Assay project:"
                f" {', '.join(Layer)}",
                todo="in a dbt project of another kind, give the plugin `config: {lake: <folder>}`"
                " in profiles.yml",
            )
        store_rows(
            cursor,
            self._bound(),
            schema=schema,
            name=name,
            request=request,
            invocation=self._invocation,
        )

    def _bound(self) -> LakeBinding:
        if self._binding is None:
            settings = read_settings()
            if settings.binding_file:
                self._binding = read_binding(Path(settings.binding_file))
            else:
                self._binding = developer_binding(open_project(settings))
        return self._binding
