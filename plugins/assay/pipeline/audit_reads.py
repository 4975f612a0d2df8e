"""The other tables that a table's checks read, at the versions that stand for now in a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from assay.domain import BoundTable, Layer, Release, Run, TableRef
from assay.errors import QualityError
from assay.pipeline.bindings import bind_table, pinned_tables
from assay.pipeline.project import Project
from assay.pipeline.readers import layer_name
from assay.quality import Suite
from assay.storage import scan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ORDER = (Layer.BRONZE, Layer.SILVER, Layer.QUARANTINE, Layer.GOLD)


def bind_other_tables(
    connection: DuckDBPyConnection,
    suite: Suite,
    visible: Mapping[TableRef, BoundTable],
) -> list[BoundTable]:
    """Show the tables that a suite reads as ``layer.name``, each at its version; return them.

    Raises:
        QualityError: one of them is not visible.
    """
    found = []
    for table in suite.reads:
        bound = visible.get(table)
        if bound is None:
            raise QualityError(
                f"the suite of {suite.table} reads {table}, which this audit cannot see",
                where=f"suite {suite.name}",
                todo="it sees the product's tables of this layer and those before it, and the"
                " releases of other products that a contract or a model refers to",
            )
        connection.execute(f"create schema if not exists {table.layer.value}")
        connection.execute(
            f"create or replace view {layer_name(table)} as from {scan(bound.path, bound.version)}"
        )
        found.append(bound)
    return found


def layers_before(layer: Layer) -> tuple[Layer, ...]:
    """Return a layer and those that are built with it or before it."""
    last = Layer.QUARANTINE if layer is Layer.SILVER else layer
    return _ORDER[: _ORDER.index(last) + 1]


def visible_tables(
    project: Project, run: Run, layer: Layer, versions: Mapping[TableRef, int]
) -> dict[TableRef, BoundTable]:
    """Return what the audit of a layer may read: what is built by then, and what is pinned.

    ``versions`` are the run's own tables: its candidates, else its base's.
    """
    layers = layers_before(layer)
    own = [
        bind_table(project, table, version)
        for table, version in versions.items()
        if table.layer in layers
    ]
    return {each.table: each for each in (*pinned_tables(project, run.pins), *own)}


def find_news(
    project: Project, run: Run, base: Release | None, written: Collection[TableRef]
) -> frozenset[TableRef]:
    """Return the tables that are others than when the base was released.

    They are those that the run wrote, and those of other products that have released since.
    """
    before = base.reads if base else {}
    moved = {product: n for product, n in run.pins.items() if before.get(product) != n}
    return frozenset(written) | {bound.table for bound in pinned_tables(project, moved)}
