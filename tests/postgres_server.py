"""A real PostgreSQL for tests, from the system's package: its own server, in a temporary folder.

Load it in a test module by ``pytest_plugins = ["postgres_server"]``.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import connection

_START_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class PostgresServer:
    """A running server: password authentication (SCRAM) on 127.0.0.1, ``user`` is superuser."""

    host: str
    port: int
    user: str
    password: str
    database: str = "postgres"

    def connect(self, database: str = "") -> connection:
        return psycopg2.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=database or self.database,
            connect_timeout=5,
        )

    def execute(self, statements: str, database: str = "") -> None:
        with closing(self.connect(database)) as opened, opened, opened.cursor() as cursor:
            cursor.execute(statements)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that lives as long as the test session."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL binaries: run .ci/install-system-packages")
    with run_server(binaries) as server:
        yield server


def find_binaries() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres``: Debian's newest, else PATH's."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    found = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def run_server(binaries: Path) -> Iterator[PostgresServer]:
    """Start a server in a temporary folder; stop it and remove the folder at the end."""
    server = PostgresServer("127.0.0.1", _free_port(), "assay_admin", secrets.token_hex(12))
    # Not pytest's own folder: that is closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    account = _account(folder)
    try:
        _initialise(binaries, folder, server, account)
        process = _start(binaries, folder, server, account)
        try:
            _wait_until_ready(process, server, folder)
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: choose another user and give it the folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _initialise(
    binaries: Path, folder: Path, server: PostgresServer, account: dict[str, object]
) -> None:
    password_file = folder / "password"
    password_file.write_text(server.password)
    password_file.chmod(0o644)
    command = [
        str(binaries / "initdb"),
        f"--pgdata={folder / 'data'}",
        f"--username={server.user}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **account,  # type: ignore[call-overload]
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _start(
    binaries: Path, folder: Path, server: PostgresServer, account: dict[str, object]
) -> subprocess.Popen[bytes]:
    command = [
        str(binaries / "postgres"),
        f"-D{folder / 'data'}",
        f"-p{server.port}",
        f"-k{folder}",
        "-clisten_addresses=127.0.0.1",
        "-cfsync=off",
        "-cmax_connections=20",
        "-cshared_buffers=32MB",
    ]
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            **account,  # type: ignore[call-overload]
        )


def _wait_until_ready(
    process: subprocess.Popen[bytes], server: PostgresServer, folder: Path
) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while True:
        try:
            server.connect().close()
            return
        except psycopg2.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start: {log}") from None
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
