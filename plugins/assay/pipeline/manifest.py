"""Which version of each table a run stands for now: its own candidates, else its base's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.domain import Candidate, Release, Run, TableRef
from assay.errors import ReleaseError
from assay.pipeline.project import Project
from assay.transform import Model


@dataclass(frozen=True)
class CandidateManifest:
    """A product's tables as they would be released: version and rows by table."""

    tables: Mapping[TableRef, int]
    rows: Mapping[TableRef, int]


def base_release(project: Project, run: Run) -> Release | None:
    """Return the release that a run builds on, or None where there was none."""
    return project.releases.get(run.product, run.base_release) if run.base_release else None


def run_manifest(
    project: Project, run: Run, models: Mapping[str, Model], base: Release | None
) -> CandidateManifest:
    """Put a run's candidates over its base. Tables that no model makes any more are left out."""
    candidates = project.records.candidates_of(run.run_id)
    tables: dict[TableRef, int] = {}
    rows: dict[TableRef, int] = {}
    for table in sorted(stored_tables(run.product, models)):
        found = _find(table, candidates, base)
        if found is not None:
            tables[table], rows[table] = found
    return CandidateManifest(tables, rows)


def require_whole(run: Run, manifest: CandidateManifest, models: Mapping[str, Model]) -> None:
    """Make sure that every table of the product has a version to release.

    Raises:
        ReleaseError: a table was never built.
    """
    missing = sorted(stored_tables(run.product, models) - set(manifest.tables))
    if missing:
        raise ReleaseError(
            f"these tables were never built: {', '.join(map(str, missing))}",
            where=f"run {run.run_id}",
            todo=f"run the whole product: `assay run {run.product}`",
        )


def stored_tables(product: str, models: Mapping[str, Model]) -> set[TableRef]:
    """Return the tables that a product's models leave in the lake."""
    return {
        TableRef.parse(f"{model.layer}.{model.table}")
        for model in models.values()
        if model.product == product and model.is_stored
    }


def _find(
    table: TableRef, candidates: Mapping[str, Candidate], base: Release | None
) -> tuple[int, int] | None:
    candidate = candidates.get(str(table))
    if candidate is not None:
        return candidate.version, candidate.rows
    if base is not None and str(table) in base.tables:
        return base.tables[str(table)], base.rows[str(table)]
    return None
