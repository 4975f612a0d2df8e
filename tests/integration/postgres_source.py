"""A PostgreSQL database to pull from.

Load it in a test module by ``pytest_plugins = ["postgres_server", "postgres_source"]``.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from postgres_pull import Harness

from postgres_server import PostgresServer


@pytest.fixture(scope="session")
def database(postgres_server: PostgresServer) -> PostgresServer:
    with closing(postgres_server.connect()) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute("create database assay_source")
            cursor.execute("create role reader login password 'correct horse'")
            # A role's own settings must not change what is delivered.
            cursor.execute("alter role reader set datestyle = 'SQL, DMY'")
            cursor.execute("alter role reader set timezone = 'Asia/Tokyo'")
    postgres_server.execute(
        "create schema shop; grant usage on schema shop to reader;"
        "alter default privileges in schema shop grant select on tables to reader",
        "assay_source",
    )
    return replace(postgres_server, database="assay_source")


@pytest.fixture
def harness(tmp_path: Path, database: PostgresServer) -> Harness:
    return Harness(tmp_path / "lake", database)
