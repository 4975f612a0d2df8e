"""How readers come in: one release of every product, pinned for the whole query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from assay.domain import Layer, Release, TableRef, did_you_mean, quote_name
from assay.errors import ReleaseError
from assay.pipeline.manifest import base_release, run_manifest
from assay.pipeline.project import Project
from assay.pipeline.quarantine.view import create_states, relation
from assay.pipeline.retention import require_retained
from assay.storage import create_view, open_connection

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_reader(
    project: Project,
    *,
    run_id: str = "",
    releases: Mapping[str, int] | None = None,
    as_of: str = "",
) -> DuckDBPyConnection:
    """Open a DuckDB that shows released tables as ``layer.table``, all at one moment.

    With ``run_id`` the product of that run shows the run's candidates instead. ``releases``
    chooses earlier releases by product. ``as_of`` shows every product as it was: see
    :func:`find_releases`.

    Raises:
        ReleaseError: there is no release at all, no such run or release, or one that is
            beyond retention.
        StorageError: the log of a table cannot be read.
    """
    current = find_releases(project, as_of) if as_of else project.releases.current_of_all()
    for product, number in (releases or {}).items():
        current[product] = project.releases.get(product, number)
    if as_of or releases:
        for release in current.values():
            require_retained(project, release)
    tables = released_tables(project, current, chosen=releases or ())
    if run_id:
        tables |= _candidate_tables(project, run_id)
    if not tables:
        raise ReleaseError(
            "nothing is released yet", todo="run a product first: `assay run <product>`"
        )
    connection = open_connection(project.settings.memory_limit, project.settings.threads)
    for layer in Layer:
        connection.execute(f"create schema {layer.value}")
    if any(table.layer is Layer.QUARANTINE for table in tables):
        create_states(connection, project)
    for table, version in tables.items():
        path = str(project.table_path(table))
        rows = relation(project, table, version)
        create_view(connection, layer_name(table), rows, path, version)
    return connection


@dataclass(frozen=True)
class PinnedReader:
    """Reads tables as they were when it was made, whatever is published meanwhile."""

    project: Project
    releases: Mapping[str, Release]

    def read(self, table: str) -> pa.Table:
        """Read one table whole, such as ``gold.fct_flights``.

        Raises:
            ReleaseError: none of the releases has this table.
        """
        ref = _parse(table)
        having = [each for each in self.releases.values() if str(ref) in each.tables]
        if not having:
            raise _unknown(ref, self.releases)
        return _read(self.project, ref, _choose(self.project, ref, having))


def pin_releases(project: Project) -> PinnedReader:
    """Pin the current release of every product."""
    return PinnedReader(project, project.releases.current_of_all())


def read_table(project: Project, table: str, release: int | None = None) -> pa.Table:
    """Read one released table whole.

    Raises:
        ReleaseError: no release has this table, or the name is not ``layer.table``.
    """
    pinned = pin_releases(project)
    if release is None:
        return pinned.read(table)
    ref = _parse(table)
    # Also a table that the current release has no more.
    having = [each for each in project.releases.everything() if str(ref) in each.tables]
    if not having:
        raise _unknown(ref, pinned.releases)
    owner = _choose(project, ref, having).product
    chosen = project.releases.get(owner, release)
    require_retained(project, chosen)
    return _read(project, ref, chosen)


def _unknown(ref: TableRef, releases: Mapping[str, Release]) -> ReleaseError:
    known = [table for release in releases.values() for table in release.tables]
    return ReleaseError(
        f"no release has a table {ref}",
        todo=did_you_mean(str(ref), known, "run a product first: `assay run <product>`"),
    )


def _parse(table: str) -> TableRef:
    try:
        return TableRef.parse(table)
    except ValueError as error:
        raise ReleaseError(
            f"'{table}' names no table: {error}", todo="write <layer>.<table>, as gold.fct_flights"
        ) from error


def _read(project: Project, ref: TableRef, release: Release) -> pa.Table:
    version = release.version_of(ref)
    if version is None:
        raise ReleaseError(f"release {release.number} of {release.product} has no table {ref}")
    with open_connection(project.settings.memory_limit, project.settings.threads) as connection:
        create_states(connection, project)
        return connection.execute(f"from {relation(project, ref, version)}").to_arrow_table()


def find_releases(project: Project, as_of: str) -> dict[str, Release]:
    """Find the release of each product at a point: a number, or a moment in ISO 8601.

    A number means that release, where the lake has one product; a moment each product's
    newest release then. A moment without an offset is UTC, a day alone its end.

    Raises:
        ReleaseError: the text is neither, or there was no release.
    """
    if as_of.isdecimal():
        products = sorted(project.releases.current_of_all())
        if len(products) != 1:
            raise ReleaseError(
                f"release {as_of} of which product? The lake has {', '.join(products) or 'none'}",
                todo=f"choose by product: --release <product>={as_of}",
            )
        return {products[0]: project.releases.get(products[0], int(as_of))}
    moment = _read_moment(as_of)
    found = {r.product: r for r in project.releases.everything() if r.published_at_utc <= moment}
    if not found:
        raise ReleaseError(
            f"nothing was released by {moment:%Y-%m-%d %H:%M:%S} UTC",
            todo="`assay releases <product>` lists when each was published",
        )
    return found


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ReleaseError(
            f"'{text}' is neither a release's number nor a moment",
            todo="write a number such as 3, or a moment such as 2024-05-01T12:00:00Z",
        ) from error
    if len(text) == len("2024-05-01"):
        moment += timedelta(days=1, microseconds=-1)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def layer_name(table: TableRef) -> str:
    """Write a table's name as an SQL identifier."""
    return f"{table.layer.value}.{quote_name(table.name)}"


def released_tables(
    project: Project, releases: Mapping[str, Release], chosen: Collection[str] = ()
) -> dict[TableRef, int]:
    """Name the version of each table in these releases, which are given by product.

    A product keeps its releases when it is given up or a table moves to another. Of two releases
    that have a table the one of the product counts whose contracts have it now, or the later one
    where none has; those of ``chosen`` products count before all others.
    """
    having: dict[str, list[Release]] = {}
    for release in releases.values():
        for name in release.tables:
            having.setdefault(name, []).append(release)
    return {
        table: _choose(project, table, found, chosen).tables[name]
        for name, found in having.items()
        for table in [TableRef.parse(name)]
    }


def _choose(
    project: Project, table: TableRef, releases: Sequence[Release], chosen: Collection[str] = ()
) -> Release:
    """Choose whose release readers see a table of, which all of these have."""
    if len(releases) == 1:
        return releases[0]
    return max(
        releases,
        key=lambda each: (
            each.product in chosen,
            _has_contract(project, each.product, table),
            each.published_at_utc,
        ),
    )


def _has_contract(project: Project, product: str, table: TableRef) -> bool:
    """Tell whether a contract of a product has a table, from the names of its files alone.

    They are the tables' names, and that of a layer before gold ends with it. So a contract that
    somebody is editing takes no table away from readers.
    """
    files = (project.settings.contracts_path / product).glob("*.odcs.yaml")
    names = [file.name.removesuffix(".odcs.yaml") for file in files]
    return any(table.name == name or table.name.endswith(f"__{name}") for name in names)


def _candidate_tables(project: Project, run_id: str) -> dict[TableRef, int]:
    run = project.records.get_run(run_id)
    base = base_release(project, run)
    models = project.dbt.models()
    return dict(run_manifest(project, run, models, base).tables)
