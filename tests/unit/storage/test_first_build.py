"""A table's first build is whole or not there: a half-built one would be taken for a base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from delta_tables import Tables
from deltalake import DeltaTable
from deltalake.table import TableAlterer

from assay.errors import ConcurrentWrite
from assay.storage import (
    TableSpec,
    WriteMode,
    WriteRequest,
    WriteResult,
    clean_table,
    current_version,
    write_table,
)

SPEC = TableSpec(checks={"positive": "id >= 0"}, properties={"team": "sales"})
ROWS = "(select i::bigint as id from range(9) r(i))"


class Killed(BaseException):
    """As a kill would: nothing catches it."""


def build(tables: Tables, guard: Callable[[], None] = lambda: None, **more: Any) -> WriteResult:
    request = WriteRequest(
        tables.path(), "t", ROWS, WriteMode.OVERWRITE, None, guard, spec=SPEC, **more
    )
    return write_table(tables.connection, request)


@pytest.mark.parametrize(
    ("owner", "step"),
    [
        (TableAlterer, "add_constraint"),
        (TableAlterer, "set_table_properties"),
        (DeltaTable, "create_write_transaction"),
        (Path, "rename"),
    ],
    ids=["constraint", "properties", "rows", "shown"],
)
def test_killed_on_the_way_there_is_no_table(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, owner: type, step: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, die)
        patch.setattr("assay.storage.commit.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            build(tables)
    assert current_version(tables.path()) is None
    version = build(tables).version
    assert len(tables.read(version)) == 9
    gone = clean_table(tables.path(), [version])
    assert {name[:5] for name in gone.data_files} == {"_draf", "part-"}
    assert [p for p in tables.path().rglob("*") if p.is_file() and "_draft" in str(p)] == []
    assert len(list(tables.path().glob("*.parquet"))) == 1


def test_of_two_that_create_it_the_later_waits_or_is_refused(tables: Tables) -> None:
    def intrude() -> None:
        if current_version(tables.path()) is None:
            build(tables)

    assert len(tables.read(build(tables, intrude, is_shared=True).version)) == 9
    tables.path().rename(tables.folder / "away")
    with pytest.raises(ConcurrentWrite, match="another writer committed to t first"):
        build(tables, intrude)
