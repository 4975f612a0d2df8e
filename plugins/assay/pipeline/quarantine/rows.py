"""Quarantined rows, to look at: in the current release, or in what a stopped run left."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from assay.domain import (
    Column,
    Contract,
    QuarantineEntry,
    RowPlace,
    RowState,
    did_you_mean,
    quote_name,
)
from assay.errors import QuarantineError
from assay.pipeline.load_holds import LoadStanding, list_loads
from assay.pipeline.manifest import base_release, run_manifest
from assay.pipeline.project import Project
from assay.pipeline.quarantine.view import create_states, relation
from assay.quality.quarantine_ledger import last_words
from assay.storage import open_connection, quote_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WAITING = (RowState.OPEN, RowState.REPAIRED)


@dataclass(frozen=True)
class RowFilter:
    """Which rows of a quarantine to take; what is empty leaves none out."""

    load_id: str = ""
    row_numbers: tuple[int, ...] = ()
    rule: str = ""
    states: tuple[RowState, ...] = ()


@dataclass(frozen=True)
class QuarantinedRow:
    """One quarantined row. ``values`` are its texts by column as delivered."""

    product: str
    table: str
    place: RowPlace
    source_file: str
    state: RowState
    rules_broken: tuple[str, ...]
    first_seen_at_utc: datetime
    replay_of: RowPlace | None
    values: Mapping[str, str]


@dataclass(frozen=True)
class QuarantineCount:
    """How many rows of a table's quarantine are in each state. Grain: a landed table."""

    product: str
    table: str
    rows: Mapping[RowState, int]


@dataclass(frozen=True)
class RowStory:
    """One row, its contract, and everything that was said about it, in order.

    ``replay`` is the load that its replay landed as, if it did, and what becomes of it.
    """

    row: QuarantinedRow
    contract: Contract
    words: tuple[QuarantineEntry, ...]
    replay: LoadStanding | None


def count_rows(
    project: Project, contract: Contract, chosen: RowFilter, *, run_id: str = ""
) -> QuarantineCount:
    """Count a table's chosen rows by state.

    Raises:
        QuarantineError: the run is one of another product.
        ReleaseError: there is no such run.
    """
    with _open(project, contract, run_id) as (connection, rows):
        counted = (
            connection.execute(
                f"select _state, count(*) from {rows} where {_condition(chosen)} group by 1"
            ).fetchall()
            if rows
            else []
        )
    found = {RowState(state): int(count) for state, count in counted}
    return QuarantineCount(contract.product, contract.table, found)


def find_rows(
    project: Project,
    contract: Contract,
    chosen: RowFilter,
    *,
    run_id: str = "",
    limit: int | None = None,
) -> list[QuarantinedRow]:
    """Return a table's chosen rows, by load and number; of a run's candidates with ``run_id``.

    Raises:
        QuarantineError: the run is one of another product.
        ReleaseError: there is no such run.
    """
    names = [column.name for column in contract.columns]
    most = "" if limit is None else f" limit {limit:d}"
    with _open(project, contract, run_id) as (connection, rows):
        if not rows:
            return []
        held = connection.sql(f"select * from {rows} limit 0").columns
        columns = ", ".join(_text_of(column, contract, held) for column in contract.columns)
        found = connection.execute(
            "select _load_id, _row_number, _source_file, _state, _rules_broken, _first_seen_at,"
            f" _replay_of_load_id, _replay_of_row_number, {columns}"
            f" from {rows} where {_condition(chosen)} order by 1, 2{most}"
        ).fetchall()
    return [
        QuarantinedRow(
            product=contract.product,
            table=contract.table,
            place=RowPlace(row[0], row[1]),
            source_file=row[2],
            state=RowState(row[3]),
            rules_broken=tuple(row[4] or ()),
            first_seen_at_utc=row[5],
            replay_of=RowPlace(row[6], row[7]) if row[6] else None,
            values={
                name: contract.absent_text if text is None else text
                for name, text in zip(names, row[8:], strict=True)
            },
        )
        for row in found
    ]


def _text_of(column: Column, contract: Contract, held: Sequence[str]) -> str:
    """Write what reads a column's text, of a table built before its contract was changed.

    There it may be called as it is in deliveries, or not be at all.
    """
    known = {name.lower() for name in held}
    others = {each.name.lower() for each in contract.columns if each is not column}
    for name in (column.name, column.physical_name):
        if name.lower() in known - others:
            return quote_name(name)
    return quote_text(contract.absent_text)


def find_named_rows(
    project: Project, contract: Contract, chosen: RowFilter
) -> list[QuarantinedRow]:
    """Return the current release's chosen rows, of which every one that is named is there.

    Raises:
        QuarantineError: a row that was named is not in quarantine.
    """
    rows = find_rows(project, contract, chosen)
    missing = set(chosen.row_numbers) - {row.place.row_number for row in rows}
    if missing:
        raise _not_in_quarantine(project, contract, RowPlace(chosen.load_id, min(missing)))
    return rows


def tell_row(project: Project, load_id: str, row_number: int, *, run_id: str = "") -> RowStory:
    """Tell everything about one row.

    Raises:
        QuarantineError: there is no such load, the run is one of another product, or the row is not
            in quarantine.
        ReleaseError: there is no such run.
    """
    contract = contract_of_load(project, load_id)
    found = find_rows(project, contract, RowFilter(load_id, (row_number,)), run_id=run_id)
    if not found:
        raise _not_in_quarantine(project, contract, RowPlace(load_id, row_number), run_id)
    words = tuple(
        entry
        for entry in project.quarantine.entries(contract.product, contract.table)
        if entry.place == found[0].place
    )
    replay = words[-1].replay if words else ""
    standings = list_loads(project, contract.product) if replay else []
    landed = [each for each in standings if each.load.is_replay and each.load.source_name == replay]
    return RowStory(found[0], contract, words, landed[0] if landed else None)


def mended_values(
    project: Project, contract: Contract, rows: Collection[QuarantinedRow]
) -> dict[RowPlace, Mapping[str, str]]:
    """Return the texts of rows as they are now: those of a repair, else as delivered."""
    words = last_words(project.quarantine.entries(contract.product, contract.table))
    return {
        row.place: {**row.values, **(words[row.place].values if row.place in words else {})}
        for row in rows
    }


def contract_of_load(project: Project, load_id: str) -> Contract:
    """Find the contract of the table that a load delivered.

    Raises:
        QuarantineError: there is no such load, or its table has no contract any more.
    """
    product = load_id.rsplit("-", 2)[0]
    tables = {load.table for load in project.loads.all(product) if load.load_id == load_id}
    if not tables:
        raise QuarantineError(
            f"there is no load '{load_id}'", todo="`assay loads` lists the loads of every product"
        )
    return choose_contracts(project, product, *tables)[0]


def choose_contracts(project: Project, product: str, table: str = "") -> list[Contract]:
    """Return the contract of one landed table, or those of all landed tables of a product.

    Raises:
        ContractError: the product has no contracts.
        QuarantineError: the product has no such landed table.
    """
    entities = project.entities(product)
    chosen = [contract for contract in entities if table in ("", contract.table)]
    if table and not chosen:
        names = [f"{product}.{contract.table}" for contract in entities]
        raise QuarantineError(
            f"{product} has no landed table '{table}'",
            todo=did_you_mean(f"{product}.{table}", names),
        )
    return chosen


def list_command(contract: Contract, run_id: str = "") -> str:
    """Say what lists a table's rows: of the current release, or those that a run left."""
    run = f" --run {run_id}" if run_id else ""
    return f"`assay quarantine list {contract.product}.{contract.table}{run}` lists its rows"


def _not_in_quarantine(
    project: Project, contract: Contract, place: RowPlace, run_id: str = ""
) -> QuarantineError:
    """Say that a row is not in quarantine, and where to look."""
    release = project.releases.current(contract.product)
    if run_id:
        where = f"{contract.quarantine}, run {run_id}"
    else:
        where = f"{contract.quarantine}, release {release.number if release else 'none'}"
    is_released = release is not None and place.load_id in release.loads
    todo = list_command(contract, run_id)
    if not (is_released or run_id):
        todo = (
            "its load is not in the current release: `assay quarantine list --run RUN` shows what"
            " a stopped run left, to look at"
        )
    return QuarantineError(
        f"row {place.row_number} of load {place.load_id} is not in quarantine",
        where=where,
        todo=todo,
    )


@contextmanager
def _open(
    project: Project, contract: Contract, run_id: str
) -> Iterator[tuple[DuckDBPyConnection, str]]:
    """Open a connection and name what to select from; empty where nothing was built."""
    settings, table = project.settings, contract.quarantine
    if run_id:
        run = project.records.get_run(run_id)
        if run.product != contract.product:
            raise QuarantineError(
                f"run {run_id} is one of {run.product}: it left no rows of {contract.product}",
                todo=f"`assay quarantine list --run {run_id}` lists the rows that it left",
            )
        manifest = run_manifest(project, run, project.dbt.models(), base_release(project, run))
        version = manifest.tables.get(table)
    else:
        release = project.releases.current(contract.product)
        version = release.version_of(table) if release else None
    with open_connection(settings.memory_limit, settings.threads) as connection:
        if version is None:
            yield connection, ""
            return
        create_states(connection, project)
        yield connection, relation(project, table, version)


def _condition(chosen: RowFilter) -> str:
    conditions = ["true"]
    if chosen.load_id:
        conditions.append(f"_load_id = {quote_text(chosen.load_id)}")
    if chosen.row_numbers:
        conditions.append(f"_row_number in ({', '.join(map(str, chosen.row_numbers))})")
    if chosen.rule:
        conditions.append(f"list_contains(_rules_broken, {quote_text(chosen.rule)})")
    if chosen.states:
        states = ", ".join(quote_text(state.value) for state in chosen.states)
        conditions.append(f"_state in ({states})")
    return " and ".join(conditions)
