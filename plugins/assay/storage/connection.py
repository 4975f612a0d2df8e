"""DuckDB connections that read Delta tables."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assay.errors import SettingsError, StorageError, first_paragraph


def open_connection(memory_limit: str = "", threads: str = "") -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with the Delta extension loaded and its clock on UTC.

    Raises:
        StorageError: the extension is not installed, or a limit cannot be read.
    """
    connection = duckdb.connect(":memory:", config={"allow_unsigned_extensions": "true"})
    prepare_connection(connection, memory_limit, threads)
    return connection


def prepare_connection(
    connection: duckdb.DuckDBPyConnection, memory_limit: str = "", threads: str = ""
) -> None:
    """Load the Delta extension from its wheel and set what every reader and writer needs.

    Raises:
        SettingsError: DuckDB does not understand a limit.
        StorageError: the extension cannot be loaded.
    """
    try:
        connection.execute(f"load {quote_text(str(extension_path()))}")
        # What is not installed is not there: DuckDB would fetch it from its makers.
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set autoload_known_extensions = false")
        connection.execute("set TimeZone = 'UTC'")
    except (duckdb.Error, ValueError) as error:
        raise StorageError(
            f"DuckDB could not be set up: {error}", todo="run `make setup` again"
        ) from error
    _set_limit(connection, "memory_limit", memory_limit, "an amount such as 4GB")
    _set_limit(connection, "threads", threads, "a whole number above zero")


def _set_limit(
    connection: duckdb.DuckDBPyConnection, option: str, value: str, expected: str
) -> None:
    if not value:
        return
    try:
        connection.execute(f"set {option} = {quote_text(value)}")
    except duckdb.Error as error:
        variable = f"ASSAY_{option.upper()}"
        raise SettingsError(
            f"{variable} is '{value}': expected {expected}", todo=f"correct {variable}, or unset it"
        ) from error


@contextmanager
def one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let one thread do what one thread must: reading a file's rows in order, to number them.

    The others could only look on, which costs: 30 CPU seconds instead of 15 for 10 million
    flights, and no less time.
    """
    before = connection.execute("select current_setting('threads')").fetchall()[0][0]
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        # On a connection of its own: after a failure this one takes no statement before it is
        # rolled back, and its refusal would stand in the place of what failed.
        with connection.cursor() as other:
            other.execute(f"set threads = {int(before)}")


def extension_path() -> Path:
    """Find the Delta extension that the wheel of DuckDB's own version ships.

    Raises:
        StorageError: no wheel is installed, or it is for another version of DuckDB.
    """
    spec = importlib.util.find_spec("duckdb_extension_delta")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        path = Path(place) / "extensions" / f"v{duckdb.__version__}" / "delta.duckdb_extension"
        if path.is_file():
            return path
    raise StorageError(
        f"DuckDB {duckdb.__version__} has no Delta extension beside it",
        where=places[0] if places else "duckdb_extension_delta is not installed",
        todo="run `make setup`: the lock file holds the two at one version",
    )


def quote_text(value: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def scan(path: str, version: int) -> str:
    """Write the SQL that reads one Delta table at one version."""
    return f"delta_scan({quote_text(path)}, version => {version})"


def create_view(
    connection: duckdb.DuckDBPyConnection, name: str, rows: str, path: str, version: int
) -> None:
    """Name the rows of a Delta table at one version.

    Raises:
        StorageError: the table's log cannot be read, or has no such version.
    """
    try:
        connection.execute(f"create or replace view {name} as from {rows}")
    except duckdb.Error as error:
        raise StorageError(
            f"the Delta table {Path(path).name} at version {version} cannot be opened:"
            f" {first_paragraph(error)}",
            where=path,
            todo="check that the lake's folder is whole and may be read; put back what is gone from"
            " a backup",
        ) from error
