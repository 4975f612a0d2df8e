"""The relations that dbt finds in its DuckDB: tables at versions, landed files, the scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from assay.domain import BoundEntity, BoundLoad, BoundTable, LakeBinding, Layer, quote_name
from assay.storage import create_view, quote_text, scan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def bind_relations(connection: DuckDBPyConnection, binding: LakeBinding) -> None:
    """Create a view for each bound table and landed entity, and the tables that macros ask."""
    for schema in ("assay", "landing", *(layer.value for layer in Layer)):
        connection.execute(f"create schema if not exists {quote_name(schema)}")
    for bound in binding.reads:
        name = f"{quote_name(bound.table.layer.value)}.{quote_name(bound.table.name)}"
        rows = scan(bound.path, bound.version)
        create_view(connection, name, rows, bound.path, bound.version)
    for entity in binding.entities:
        name = quote_name(f"{entity.product}__{entity.table}")
        connection.execute(f"create or replace view landing.{name} as {landed_rows(entity)}")
    _create_known(connection, "bases", binding.bases)
    _create_known(connection, "delta_tables", binding.reads)
    _create_scope(connection, binding)
    _create_settlements(connection, binding)


def use_utc(cursor: Any) -> None:
    """Read and write points in time in UTC, whatever the machine's zone."""
    cursor.execute("set TimeZone = 'UTC'")


def landed_rows(entity: BoundEntity) -> str:
    """Write the query of the landed rows that bronze does not hold yet, as text, verbatim."""
    loads = [load for load in entity.loads if load.is_for_bronze]
    if not loads:
        columns = [f"null::varchar as {quote_name(name)}" for name in entity.columns]
        columns += [
            "null::varchar as _load_id",
            "null::varchar as _source_file",
            "null::bigint as _row_number",
            "null::timestamptz as _ingested_at",
        ]
        return f"select {', '.join(columns)} where false"
    return "\nunion all\n".join(_landed_file(entity, load) for load in loads)


def _landed_file(entity: BoundEntity, load: BoundLoad) -> str:
    columns = [
        f"{quote_name(header) if header else 'null::varchar'} as {quote_name(name)}"
        for header, name in zip(load.headers, entity.columns, strict=True)
    ]
    delivered = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in load.delivered_columns)
    return (
        f"select {', '.join(columns)},"
        f" {quote_text(load.load_id)} as _load_id,"
        f" {quote_text(load.source_file)} as _source_file,"
        f" row_number() over () as _row_number,"
        f" {quote_text(load.ingested_at_utc.isoformat())}::timestamptz as _ingested_at"
        f" from read_csv({quote_text(load.path)}, header = true, auto_detect = false,"
        f" delim = {quote_text(load.delimiter)}, quote = '\"', escape = '\"',"
        f" nullstr = chr(0), strict_mode = true, columns = {{{delivered}}})"
    )


def _create_known(connection: DuckDBPyConnection, name: str, tables: Sequence[BoundTable]) -> None:
    """Tell the macros of tables: those to build on, and those that are Delta."""
    connection.execute(
        f"create or replace table assay.{name} (schema_name varchar, table_name varchar)"
    )
    rows = [(bound.table.layer.value, bound.table.name) for bound in tables]
    if rows:
        connection.executemany(f"insert into assay.{name} values (?, ?)", rows)


def _create_scope(connection: DuckDBPyConnection, binding: LakeBinding) -> None:
    connection.execute(
        "create or replace table assay.scope"
        " (entity varchar, load_id varchar, duplicate_of varchar)"
    )
    rows = [
        (f"{entity.product}.{entity.table}", load.load_id, load.duplicate_of or None)
        for entity in binding.entities
        for load in entity.loads
        if load.is_for_silver
    ]
    if rows:
        connection.executemany("insert into assay.scope values (?, ?, ?)", rows)
    connection.execute("create or replace table assay.newest (entity varchar, load_id varchar)")
    newest = [(f"{e.product}.{e.table}", e.newest_load) for e in binding.entities]
    if newest:
        connection.executemany("insert into assay.newest values (?, ?)", newest)


def _create_settlements(connection: DuckDBPyConnection, binding: LakeBinding) -> None:
    """Tell the macros what people did about quarantined rows."""
    names = [(f"{each.product}.{each.table}", each) for each in binding.entities]
    _create_table(
        connection,
        "settled (entity varchar, load_id varchar, row_number bigint, disposition varchar,"
        " rules_broken varchar[])",
        [
            (name, row.load_id, row.row_number, row.disposition, list(row.rules_broken))
            for name, entity in names
            for row in entity.settled
        ],
    )
    _create_table(
        connection,
        "replays (entity varchar, load_id varchar, row_number bigint, replay_of_load_id varchar,"
        " replay_of_row_number bigint, place_load_id varchar, place_row_number bigint,"
        " first_seen_at timestamptz)",
        [(name, *astuple(row)) for name, entity in names for row in entity.replays],
    )


def _create_table(
    connection: DuckDBPyConnection, columns: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Fill a table by one statement with a list a column: a statement a row takes minutes."""
    connection.execute(f"create or replace table assay.{columns}")
    if rows:
        values = [list(column) for column in zip(*rows, strict=True)]
        name = columns.split(" ", 1)[0]
        lists = ", ".join("unnest(?)" for _ in values)
        connection.execute(f"insert into assay.{name} select {lists}", values)
