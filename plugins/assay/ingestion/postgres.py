"""Deliveries that are a PostgreSQL table, pulled whole in one consistent read."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection, cursor

from assay.domain import Contract, Server
from assay.errors import ContractError, SourceError
from assay.ingestion.landed_file import DeliveryScan, IncomingFile

_CONNECT_TIMEOUT_SECONDS = 5
# Arrays and composite values as JSON; json, jsonb and texts hold it as it is.
_NESTED = sql.SQL(
    "case when (select typcategory from pg_catalog.pg_type where oid = pg_typeof({column}))"
    " in ('A', 'C') then to_json({column})::text else {column}::text end as {column}"
)
_COLUMNS = (
    "select attname from pg_catalog.pg_attribute"
    " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum"
)
_BUFFER_BYTES = 1 << 20
# So that equal rows are equal bytes, whatever the server's or the role's own settings are.
_SESSION = (
    "-c datestyle=ISO,YMD -c timezone=UTC -c intervalstyle=iso_8601 -c extra_float_digits=1"
    " -c bytea_output=hex -c lock_timeout=60s -c statement_timeout=0"
    # Rows that a policy hides are an error, not a smaller table.
    " -c row_security=off"
)


def fetch_relation(
    contract: Contract,
    server: Server,
    secret: Mapping[str, str],
    incoming: IncomingFile,
    scan: DeliveryScan,
) -> tuple[str, ...]:
    """Write a relation's rows as CSV: the contract's columns, in key order, NULL as declared.

    Of a relation that lacks columns only the header is written, with all that it has: inspection
    refuses that and tells what is missing. Returns the names of the columns that the relation has
    and that were not written.

    Raises:
        ContractError: the server does not say what to read.
        SourceError: the database cannot be reached, or does not have or give what is asked.
    """
    statement = copy_statement(contract, server)
    database = _connect(contract, server, secret)
    try:
        database.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        sink = _ScannedWriter(incoming, scan, has_one_column=len(contract.columns) == 1)
        with database.cursor() as cursor:
            columns = _columns(cursor, server)
            wanted = {column.physical_name for column in contract.columns}
            if columns and not wanted <= set(columns):
                sink.write(_header(columns, server.delimiter))
                sink.flush()
                return ()
            cursor.copy_expert(statement.as_string(cursor), sink)
        sink.flush()
        database.rollback()
        return tuple(name for name in columns if name not in wanted)
    except psycopg2.Error as error:
        raise _read_failure(server, error) from None
    finally:
        database.close()


def _columns(cursor: cursor, server: Server) -> tuple[str, ...]:
    """Name a relation's columns in order; none where there is no such relation."""
    name = sql.Identifier(*server.relation.split(".")).as_string(cursor)
    cursor.execute(_COLUMNS, (name,))
    return tuple(name for (name,) in cursor.fetchall())


def _header(columns: Sequence[str], delimiter: str) -> bytes:
    line = StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(columns)
    return line.getvalue().encode()


def copy_statement(contract: Contract, server: Server) -> sql.Composed:
    """Build the COPY statement; every name is quoted, every text is a literal.

    Raises:
        ContractError: the relation is not ``schema.table``.
    """
    parts = server.relation.split(".")
    if len(parts) != 2 or not all(parts):
        raise ContractError(
            f"server '{server.name}' reads '{server.relation}': expected schema.table",
            where=contract.path,
            todo="set schema and table in the contract's `servers`",
        )
    columns = [sql.Identifier(column.physical_name) for column in contract.columns]
    values = [
        _NESTED.format(column=name) if column.parts else name
        for column, name in zip(contract.columns, columns, strict=True)
    ]
    physical = {column.name: column.physical_name for column in contract.columns}
    keys = [sql.Identifier(physical[name]) for name in contract.key]
    as_text = [sql.SQL('{}::text collate "C"').format(column) for column in columns]
    return sql.SQL(
        "copy (select {columns} from {relation} order by {order}) to stdout"
        " (format csv, header, delimiter {delimiter}, null {null}, encoding 'UTF8')"
    ).format(
        columns=sql.SQL(", ").join(values),
        relation=sql.Identifier(*parts),
        order=sql.SQL(", ").join(keys or as_text),
        delimiter=sql.Literal(server.delimiter),
        null=sql.Literal(contract.absent_text),
    )


class _ScannedWriter:
    """Writes to the incoming file and feeds the scan, many rows at a time.

    An empty text, or NULL where that is its text, is an empty line in a table of one column. It is
    written as ``""``, for an empty line may be no row. All other rows stay as they come.

    Source: PostgreSQL, Frontend/Backend Protocol, COPY Operations: a message is a row.
    """

    def __init__(self, incoming: IncomingFile, scan: DeliveryScan, *, has_one_column: bool) -> None:
        self._incoming = incoming
        self._has_one_column = has_one_column
        self._scan = scan
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        self._buffer += b'""\n' if self._has_one_column and data == b"\n" else data
        if len(self._buffer) >= _BUFFER_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        chunk = bytes(self._buffer)
        self._incoming.handle.write(chunk)
        self._scan.feed(chunk)
        self._buffer.clear()


def _connect(contract: Contract, server: Server, secret: Mapping[str, str]) -> connection:
    lacking = [name for name in ("user", "password") if not secret.get(name)]
    if lacking:
        raise SourceError(
            f"secret '{server.secret}' has no {' and no '.join(lacking)}, which server"
            f" '{server.name}' needs",
            where=contract.path,
            todo="store `user` and `password` under that name",
        )
    try:
        return psycopg2.connect(
            host=server.host,
            port=server.port or 5432,
            dbname=server.database,
            user=secret["user"],
            password=secret["password"],
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            application_name="assay",
            client_encoding="UTF8",
            options=_SESSION,
        )
    except psycopg2.OperationalError as error:
        raise _connect_failure(server, secret, str(error)) from None


def _connect_failure(server: Server, secret: Mapping[str, str], message: str) -> SourceError:
    reason = " ".join(message.split()).replace(secret["password"], "***")
    if "authentication failed" in message or "no pg_hba.conf entry" in message:
        todo = f"check user and password in secret '{server.secret}', and pg_hba.conf"
        is_retryable = False
    elif "does not exist" in message:
        todo, is_retryable = "check `database` in the contract's `servers`", False
    else:
        todo = "check that the database runs, and `host` and `port` in the contract's `servers`"
        is_retryable = True
    failure = SourceError(
        f"no connection to PostgreSQL: {reason}", where=_address(server), todo=todo
    )
    failure.retryable = is_retryable
    return failure


def _read_failure(server: Server, error: psycopg2.Error) -> SourceError:
    """Name what failed. Only messages about names are repeated: others may quote a row."""
    code = error.pgcode or ""
    # Without a code no server answered; the others end the session.
    if not code or code.startswith("08") or code in {"57P01", "57P02"}:
        return _lost_connection(server)
    has_only_names = code.startswith(("42", "3F"))
    said = error.diag.message_primary if has_only_names else type(error).__name__
    todo = {
        "42P01": "check schema and table in the contract's `servers`",
        "42703": "deliver the column, or change the contract in a new major version",
        "42501": f"grant select to the user in secret '{server.secret}'",
    }.get(code, f"run the same select by hand to see the reason (SQLSTATE {code})")
    # The function that PostgreSQL names; its message may be in another language.
    if error.diag.source_function == "check_enable_rls":
        todo = (
            "row-level security would hide rows from the user in secret"
            f" '{server.secret}': let it bypass that (`alter role … bypassrls`), or read a view of"
            " an owner who may see every row"
        )
    failure = SourceError(
        f"{server.relation} cannot be read: {said}", where=_address(server), todo=todo
    )
    # Server starting, lock not granted, resources short.
    failure.retryable = code[:2] in {"40", "53", "55", "57"}
    return failure


def _lost_connection(server: Server) -> SourceError:
    failure = SourceError(
        f"{server.relation} cannot be read: the connection was lost while reading; nothing of it"
        " was landed",
        where=_address(server),
        todo="run again; if it happens again, see the server's log",
    )
    failure.retryable = True
    return failure


def _address(server: Server) -> str:
    return (
        f"server '{server.name}', {server.host}:{server.port or 5432}, database {server.database}"
    )
