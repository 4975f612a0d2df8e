"""The data source by which the Great Expectations API reads released tables.

Import it only from inside a function: it imports Great Expectations, which then knows the type
``assay_release`` in a project's configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal
from weakref import WeakKeyDictionary

from great_expectations.datasource.fluent import SQLDatasource
from pydantic.v1 import PrivateAttr

from assay.errors import QualityError
from assay.quality.duckdb_engine import DuckDBExecutionEngine, open_engine

if TYPE_CHECKING:
    import duckdb
    import sqlalchemy
    from great_expectations.data_context import FileDataContext


class ReleaseDatasource(SQLDatasource):  # type: ignore[misc]  # GX is not followed by mypy
    """Released tables, read through a DuckDB connection that is given when a project is opened.

    Each data context has its own: two of one product may be open on two releases.
    """

    type: Literal["assay_release"] = "assay_release"
    connection_string: str = "duckdb://"

    # A connection is not configuration, so GX must not write it. It is kept as long as its context.
    connections: ClassVar[WeakKeyDictionary[FileDataContext, duckdb.DuckDBPyConnection]] = (
        WeakKeyDictionary()
    )

    _opened: DuckDBExecutionEngine | None = PrivateAttr(None)

    @property
    def execution_engine_type(self) -> Any:
        """What evaluates metrics: the same engine as in audits."""
        return DuckDBExecutionEngine

    def get_execution_engine(self) -> DuckDBExecutionEngine:
        """Ask the release's connection.

        Raises:
            QualityError: the project was opened by Great Expectations alone.
        """
        if self._opened is None:
            context = self._data_context
            connection = None if context is None else self.connections.get(context)
            if connection is None:
                raise QualityError(
                    f"no release is open for the data source {self.name}",
                    todo="open the project with `assay.gx_context(product)`",
                )
            self._opened = open_engine(connection)
        return self._opened

    def get_engine(self) -> sqlalchemy.Engine:
        """SQLAlchemy's side of the same connection."""
        return self.get_execution_engine().engine
