"""What is said when a real PostgreSQL cannot be delivered from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg2
import pytest
from postgres_pull import LATER, Harness, column, contract_of

from assay.domain import Contract, LoadStatus
from assay.errors import ContractError, SourceError
from assay.ingestion import postgres

if TYPE_CHECKING:
    from postgres_server import PostgresServer

pytest_plugins = ["postgres_server", "postgres_source"]


def _failure(harness: Harness, contract: Contract, **server: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        harness.land(contract, **server)
    assert "correct horse" not in str(caught.value)
    assert harness.ledger.all("flights") == []
    assert list((harness.lake / "landing").rglob("*.*")) == []
    return caught.value


ANY = contract_of("anything", column("a", 1))


def test_a_refused_connection_may_be_tried_again(harness: Harness) -> None:
    error = _failure(harness, ANY, port=1)

    assert error.retryable
    assert "Connection refused" in error.what
    assert error.where == "server 'warehouse', 127.0.0.1:1, database assay_source"
    assert "check that the database runs" in error.todo


def test_a_wrong_password_names_the_secret_not_the_password(harness: Harness) -> None:
    harness.secret["password"] = "correct horse, wrong battery"

    error = _failure(harness, ANY)

    assert not error.retryable
    assert "password authentication failed" in error.what
    assert "secret 'flights-source'" in error.todo


def test_a_secret_without_password_is_named(harness: Harness) -> None:
    del harness.secret["password"]

    assert "secret 'flights-source' has no password" in _failure(harness, ANY).what


def test_an_unknown_database_is_named(harness: Harness) -> None:
    error = _failure(harness, ANY, database="absent")

    assert 'database "absent" does not exist' in error.what
    assert "check `database`" in error.todo


def test_an_unknown_table_is_named(harness: Harness) -> None:
    error = _failure(harness, contract_of("absent", column("a", 1)))

    assert error.what == ('shop.absent cannot be read: relation "shop.absent" does not exist')
    assert error.todo == "check schema and table in the contract's `servers`"


def test_a_relation_without_a_column_is_a_refused_load(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        """create table shop.narrow (a text, "B" text, "mo,re" text);
        insert into shop.narrow values ('secret', 'secret', 'secret')"""
    )
    contract = contract_of("narrow", column("a", 1), column("b"), column("c"))

    (load,) = harness.land(contract)

    assert (load.status, load.row_count) == (LoadStatus.REFUSED, 0)
    assert "columns 'b', 'c'" in load.reason
    assert load.drift == {
        "b": "breaking: missing, expected varchar; 'B' may be it under another name",
        "c": "breaking: missing, expected varchar; 'mo,re' may be it under another name",
        "B": "additive: not in the contract, not read",
        "mo,re": "additive: not in the contract, not read",
    }
    assert "secret" not in harness.text(load)
    # Told once; and once the source is mended, what it has lands.
    assert harness.land(contract, LATER) == []
    database.execute('alter table shop.narrow rename "B" to b; alter table shop.narrow add c text')
    (later,) = harness.land(contract, LATER)
    assert later.status is LoadStatus.LANDED
    assert harness.text(later) == "a,b,c\nsecret,secret,NA\n"


def test_a_column_more_is_landed_without_it_with_a_warning(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create table shop.wide (more text, a text); insert into shop.wide values ('x', 'y')"
    )

    (load,) = harness.land(contract_of("wide", column("a", 1)))

    assert harness.text(load) == "a\ny\n"
    assert (load.status, load.columns) == (LoadStatus.LANDED, ("a",))
    assert load.drift == {"more": "additive: not in the contract, not read"}
    assert load.warnings == (
        "warehouse/shop.wide: column 'more' is not in the contract and is not read; add what"
        " is wanted to contracts/flights/wide.odcs.yaml",
    )
    # What was said once is recorded with each load and not warned of again.
    database.execute("alter table shop.wide add newer text; insert into shop.wide values ('', 'z')")
    (later,) = harness.land(contract_of("wide", column("a", 1)), LATER)
    assert set(later.drift) == {"more", "newer"}
    assert later.warnings == (
        "warehouse/shop.wide: column 'newer' is not in the contract and is not read; add what"
        " is wanted to contracts/flights/wide.odcs.yaml",
    )


def test_a_missing_permission_is_named(database: PostgresServer, harness: Harness) -> None:
    database.execute("create table shop.closed (a text); revoke all on shop.closed from reader")

    error = _failure(harness, contract_of("closed", column("a", 1)))

    assert error.what == "shop.closed cannot be read: permission denied for table closed"
    assert error.todo == "grant select to the user in secret 'flights-source'"


def test_row_level_security_is_named_and_not_a_smaller_table(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create table shop.tenants (a text); insert into shop.tenants values ('ours'), ('theirs');"
        "alter table shop.tenants enable row level security;"
        "create policy ours on shop.tenants for select using (a = 'ours');"
        "create view shop.all_tenants as select a from shop.tenants"
    )

    error = _failure(harness, contract_of("tenants", column("a", 1)))

    assert error.what == (
        "shop.tenants cannot be read: query would be affected by row-level security policy for"
        ' table "tenants"'
    )
    assert error.todo == (
        "row-level security would hide rows from the user in secret 'flights-source': let it bypass"
        " that (`alter role … bypassrls`), or read a view of an owner who may see every row"
    )
    assert not error.retryable
    (load,) = harness.land(contract_of("all_tenants", column("a", 1)))
    assert harness.text(load) == "a\nours\ntheirs\n"


def test_a_connection_lost_while_reading_may_be_tried_again(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create table shop.long (a text);"
        "insert into shop.long select repeat('x', 1000) from generate_series(1, 20000)"
    )
    contract = contract_of("long", column("a"))
    write = postgres._ScannedWriter.write
    seen: list[int] = []

    def write_and_lose(self: postgres._ScannedWriter, data: bytes) -> int:
        seen.append(len(data))
        if len(seen) == 10:
            database.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'assay'"
            )
        return write(self, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres._ScannedWriter, "write", write_and_lose)
        error = _failure(harness, contract)

    assert len(seen) >= 10
    assert error.what == (
        "shop.long cannot be read: the connection was lost while reading; nothing of it was landed"
    )
    assert error.todo == "run again; if it happens again, see the server's log"
    assert error.retryable
    assert [load.row_count for load in harness.land(contract)] == [20000]


def test_a_failing_row_is_not_quoted(database: PostgresServer, harness: Harness) -> None:
    database.execute(
        "create view shop.broken as select v::int as a from (values ('private text')) t(v)"
    )

    error = _failure(harness, contract_of("broken", column("a", 1)))

    assert "private text" not in str(error)
    assert "SQLSTATE 22P02" in error.todo


def test_names_cannot_smuggle_sql(database: PostgresServer, harness: Harness) -> None:
    name = 'a" from shop.target; drop table shop.target --'
    quoted = name.replace('"', '""')
    database.execute(f'create table shop.target ("{quoted}" text)')

    (load,) = harness.land(contract_of("target", column(name, 1)))

    assert load.columns == (name,)
    database.execute("select from shop.target")


@pytest.mark.parametrize("relation", ["airlines", "a.b.c", ".b", ""])
def test_a_relation_is_schema_and_table(harness: Harness, relation: str) -> None:
    with pytest.raises(ContractError, match=r"expected schema\.table"):
        harness.land(ANY, relation=relation)


def test_a_pull_sees_one_moment_and_cannot_write(
    database: PostgresServer, harness: Harness
) -> None:
    database.execute(
        "create function shop.write() returns text language plpgsql as"
        " $$ begin create table shop.made (a int); return 'x'; end $$;"
        "create view shop.writing as select shop.write() as a"
    )

    error = _failure(harness, contract_of("writing", column("a", 1)))

    assert "SQLSTATE 25006" in error.todo
    with pytest.raises(psycopg2.errors.UndefinedTable):
        database.execute("select * from shop.made")
