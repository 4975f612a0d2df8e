"""A plain lake of Delta tables, for a dbt project of any kind: no contracts, runs or releases.

A table is the folder ``<lake>/<schema>/<name>``; a view is its text, ``<name>.view.sql``,
beside. Every dbt process binds what is there when it connects, and may run beside others.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from assay.domain import quote_name
from assay.errors import StorageError
from assay.pipeline.write_config import read_write_config, unenforced_constraints
from assay.storage import (
    WriteRequest,
    WriteResult,
    current_version,
    describe_table,
    parquet_options,
    quote_text,
    scan,
    write_table,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_log = logging.getLogger(__name__)

_VIEW = ".view.sql"
_OWN = ("_scratch", "_dropped")


class EventLog(Protocol):
    """Where lines for people go: dbt's event log, or a logger."""

    def info(self, msg: str) -> None: ...

    def warning(self, msg: str) -> None: ...


class PlainLake:
    """One lake as one dbt process sees it. ``run`` names its writes: see :meth:`store`."""

    def __init__(self, root: Path, run: str = "", log: EventLog = _log) -> None:
        self.root = root
        self._run = run
        self._events = log

    def bind(self, connection: DuckDBPyConnection) -> None:
        """Create a view for each table at its newest version, then the views of the lake."""
        connection.execute("create schema if not exists assay")
        for name in ("bases", "delta_tables"):
            connection.execute(
                f"create or replace table assay.{name} (schema_name varchar, table_name varchar)"
            )
        for schema, name, version in self.tables():
            connection.execute(f"create schema if not exists {quote_name(schema)}")
            self._bind_table(connection, schema, name, version)
        self._bind_views(connection)

    def tables(self) -> Iterator[tuple[str, str, int]]:
        """Yield (schema, name, newest version) of every table."""
        for folder in sorted(self.root.glob("*/*")):
            if folder.parent.name in _OWN:
                continue
            version = current_version(folder)
            if version is not None:
                yield folder.parent.name, folder.name, version

    def store(
        self, connection: DuckDBPyConnection, schema: str, name: str, request: Mapping[str, Any]
    ) -> None:
        """Do what a macro asks for: write a table, note a view, drop, rename.

        A write is named by run, model and batch: one that the table holds already is not
        written again. The run is the profile's ``run``, or else dbt's invocation.

        Raises:
            StorageError: it cannot be done; says what to do.
            ConcurrentWrite: another process was first, and this write depends on its rows.
        """
        try:
            self._do(connection, schema, name, request)
        except OSError as error:
            raise StorageError(
                f"{schema}.{name} cannot be written: {error}",
                where=str(self.root),
                todo="check the folder that `lake` names in profiles.yml",
            ) from error

    def _do(
        self, connection: DuckDBPyConnection, schema: str, name: str, request: Mapping[str, Any]
    ) -> None:
        actions = {
            "clear": self._clear,
            "drop": self._drop,
            "unbind": self._unbind,
            "view": self._note_view,
        }
        mode = str(request["mode"])
        if mode in actions:
            actions[mode](connection, schema, name)
        elif mode == "drop_schema":
            self._drop_schema(connection, schema)
        elif mode == "rename":
            self._rename(
                connection, schema, name, str(request["to_schema"]), str(request["to_name"])
            )
        elif mode == "scratch":
            self._scratch(connection, schema, name, str(request["new_rows"]))
        else:
            self._write(connection, schema, name, request)

    def _folder(self, schema: str, name: str) -> Path:
        for part in (schema, name):
            if not part or part in (".", "..", *_OWN) or any(sign in part for sign in "/\\\0"):
                raise StorageError(
                    f"'{schema}.{name}' cannot be the name of a folder",
                    todo="give the model another schema or alias",
                )
        return self.root / schema / name

    def _write(
        self, connection: DuckDBPyConnection, schema: str, name: str, request: Mapping[str, Any]
    ) -> None:
        path, table = self._folder(schema, name), f"{schema}.{name}"
        columns = connection.sql(f"select * from {request['new_rows']} limit 0").columns
        config = read_write_config(request, columns, table)
        for kind in unenforced_constraints(request):
            self._events.warning(
                f"constraint_not_enforced table={table} kind={kind} Delta has none"
            )
        has_base = bool(request["has_base"]) or bool((request.get("rules") or {}).get("has_base"))
        run = self._run or str(request["invocation"])
        result = write_table(
            connection,
            WriteRequest(
                path=path,
                table=table,
                relation=str(request["new_rows"]),
                mode=config.mode,
                base_version=current_version(path) if has_base else None,
                guard=lambda: None,
                keys=config.keys,
                metadata={"assay.run": run, "assay.model": str(request["model"])},
                spec=config.spec,
                merge=config.merge,
                replace_where=config.replace_where,
                schema_change=config.schema_change,
                transaction="/".join(["assay", run, table, config.batch]),
                is_shared=True,
            ),
        )
        self._events.info(_report(table, result))
        if (request.get("rules") or {}).get("replaces_table"):
            connection.execute(f"drop table {_sql_name(schema, name)}")
        path.with_name(name + _VIEW).unlink(missing_ok=True)
        self._bind_table(connection, schema, name, result.version)

    def _bind_table(
        self, connection: DuckDBPyConnection, schema: str, name: str, version: int
    ) -> None:
        path, target = self._folder(schema, name), _sql_name(schema, name)
        connection.execute(f"create or replace view {target} as from {scan(str(path), version)}")
        described = describe_table(path, version)
        if described.description:
            connection.execute(f"comment on view {target} is {quote_text(described.description)}")
        for column, text in described.comments.items():
            connection.execute(
                f"comment on column {target}.{quote_name(column)} is {quote_text(text)}"
            )
        self._forget(connection, schema, name)
        for known in ("bases", "delta_tables"):
            connection.execute(f"insert into assay.{known} values (?, ?)", [schema, name])

    def _bind_views(self, connection: DuckDBPyConnection) -> None:
        """Create views in an order in which each finds what it reads; warn of broken ones."""
        waiting = sorted(self.root.glob(f"*/*{_VIEW}"))
        while waiting:
            errors = {}
            for file in waiting:
                connection.execute(f"create schema if not exists {quote_name(file.parent.name)}")
                try:
                    connection.execute(file.read_text(encoding="utf-8"))
                except Exception as error:
                    errors[file] = error
            if len(errors) == len(waiting):
                for file, why in errors.items():
                    self._events.warning(f"view_not_bound view={file.stem} {why}")
                return
            waiting = list(errors)

    def _note_view(self, connection: DuckDBPyConnection, schema: str, name: str) -> None:
        found = connection.execute(
            "select sql, comment from duckdb_views() where schema_name = ? and view_name = ?",
            [schema, name],
        ).fetchone()
        if found is None:
            return
        comments = connection.execute(
            "select column_name, comment from duckdb_columns()"
            " where schema_name = ? and table_name = ? and comment is not null",
            [schema, name],
        ).fetchall()
        target = _sql_name(schema, name)
        lines = [str(found[0]).replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)]
        if found[1]:
            lines.append(f"comment on view {target} is {quote_text(found[1])};")
        lines += [
            f"comment on column {target}.{quote_name(column)} is {quote_text(text)};"
            for column, text in comments
        ]
        file = self._folder(schema, name + _VIEW)
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{uuid4().hex}.tmp")
        fresh.write_text("\n".join(lines), encoding="utf-8")
        fresh.replace(file)

    def _unbind(self, connection: DuckDBPyConnection, schema: str, name: str) -> None:
        """Take a name out of DuckDB; the table stays in the lake."""
        kinds = connection.execute(
            "select table_type from information_schema.tables"
            " where table_schema = ? and table_name = ?",
            [schema, name],
        ).fetchall()
        for (kind,) in kinds:
            word = "view" if kind == "VIEW" else "table"
            connection.execute(f"drop {word} if exists {_sql_name(schema, name)} cascade")

    def _clear(self, connection: DuckDBPyConnection, schema: str, name: str) -> None:
        """Drop a table of this name; a view stays to be replaced."""
        if current_version(self._folder(schema, name)) is not None:
            self._drop(connection, schema, name)

    def _drop(self, connection: DuckDBPyConnection, schema: str, name: str) -> None:
        self._unbind(connection, schema, name)
        folder = self._folder(schema, name)
        if folder.is_dir():
            self._remove(folder)
        folder.with_name(name + _VIEW).unlink(missing_ok=True)
        self._forget(connection, schema, name)

    def _drop_schema(self, connection: DuckDBPyConnection, schema: str) -> None:
        folder = self._folder(schema, "any").parent
        if folder.is_dir():
            self._remove(folder)
        connection.execute(f"drop schema if exists {quote_name(schema)} cascade")
        for known in ("bases", "delta_tables"):
            connection.execute(f"delete from assay.{known} where schema_name = ?", [schema])

    def _remove(self, folder: Path) -> None:
        """Remove a folder in one step for readers, then its files."""
        gone = self.root / "_dropped" / uuid4().hex
        gone.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _rename(
        self, connection: DuckDBPyConnection, schema: str, name: str, to_schema: str, to_name: str
    ) -> None:
        source, target = self._folder(schema, name), self._folder(to_schema, to_name)
        self._unbind(connection, schema, name)
        self._forget(connection, schema, name)
        for old, new in (
            (source, target),
            (source.with_name(name + _VIEW), target.with_name(to_name + _VIEW)),
        ):
            if old.exists():
                new.parent.mkdir(parents=True, exist_ok=True)
                old.rename(new)
        version = current_version(target)
        if version is not None:
            self._bind_table(connection, to_schema, to_name, version)

    def _scratch(
        self, connection: DuckDBPyConnection, schema: str, name: str, new_rows: str
    ) -> None:
        folder = self.root / "_scratch"
        folder.mkdir(parents=True, exist_ok=True)
        path = quote_text(str(folder / f"{schema}.{name}.parquet"))
        connection.execute(f"copy (from {new_rows}) to {path} ({parquet_options()})")
        connection.execute(
            f"create or replace view {_sql_name(schema, name)} as from read_parquet({path})"
        )

    def _forget(self, connection: DuckDBPyConnection, schema: str, name: str) -> None:
        for known in ("bases", "delta_tables"):
            connection.execute(
                f"delete from assay.{known} where schema_name = ? and table_name = ?",
                [schema, name],
            )


def _sql_name(schema: str, name: str) -> str:
    return f"{quote_name(schema)}.{quote_name(name)}"


def _report(table: str, result: WriteResult) -> str:
    """Say in one line what was written, how, and why so."""
    return (
        f"table_written table={table} version={result.version} rows={result.rows}"
        f" written={result.rows_written} operation={result.operation} why={result.reason}"
    )
