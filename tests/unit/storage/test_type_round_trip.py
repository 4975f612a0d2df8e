"""Every value comes back exactly as it was, or is refused before anything is written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from delta_tables import Tables
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.errors import StorageError
from assay.storage import current_version, open_connection

_TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=20)
_QUOTED = _TEXT.map(lambda text: "'" + text.replace("'", "''") + "'")
_INTEGERS = {
    "tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64, "hugeint": 128,
}  # fmt: skip
_UNSIGNED = {"utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64, "uhugeint": 128}


def _cast(kind: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str]]:
    return st.tuples(st.just(kind), values.map(lambda value: f"({value})::{kind}"))


def _decimals() -> st.SearchStrategy[tuple[str, str]]:
    def of(scale: int) -> st.SearchStrategy[tuple[str, str]]:
        digits = st.integers(-(10**38) + 1, 10**38 - 1)
        return _cast(
            f"decimal(38, {scale})",
            digits.map(lambda n: f"'{'-' if n < 0 else ''}{str(abs(n)).zfill(39)[: 39 - scale]}"
                       f".{str(abs(n)).zfill(39)[39 - scale :]}'"),
        )  # fmt: skip

    return st.sampled_from([0, 1, 9, 18, 37, 38]).flatmap(of)


SCALARS = st.one_of(
    *(
        _cast(kind, st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1).map(str))
        for kind, bits in _INTEGERS.items()
    ),
    *(_cast(kind, st.integers(0, 2**bits - 1).map(str)) for kind, bits in _UNSIGNED.items()),
    _decimals(),
    _cast("double", st.floats().map(lambda x: f"'{x!r}'")),
    _cast("float", st.floats(width=32).map(lambda x: f"'{x!r}'")),
    _cast("varchar", _QUOTED),
    _cast(
        "blob", st.binary(max_size=9).map(lambda b: "'" + "".join(f"\\x{x:02X}" for x in b) + "'")
    ),
    _cast("boolean", st.sampled_from(["true", "false"])),
    _cast("date", st.dates().map(lambda d: f"'{d.isoformat()}'")),
    _cast("timestamp", st.datetimes().map(lambda d: f"'{d.isoformat()}'")),
    _cast("timestamptz", st.datetimes().map(lambda d: f"'{d.isoformat()}+00'")),
    _cast("timestamp_s", st.datetimes().map(lambda d: f"'{d.isoformat()}'")),
    _cast("timestamp_ns", st.just("'2024-01-01 00:00:00.123456789'")),
    _cast("time", st.times().map(lambda t: f"'{t.isoformat()}'")),
    _cast("interval", st.just("'1 day'")),
    _cast("uuid", st.uuids().map(lambda u: f"'{u}'")),
    _cast("bit", st.just("'101'")),
)


def _nested(
    inner: st.SearchStrategy[tuple[str, str]],
) -> st.SearchStrategy[tuple[str, str]]:
    return st.one_of(
        inner.map(lambda v: (f"{v[0]}[]", f"[{v[1]}, null]")),
        inner.map(lambda v: (f"{v[0]}[2]", f"array_value({v[1]}, null)")),
        st.tuples(inner, inner).map(
            lambda v: (
                f"struct(a {v[0][0]}, b {v[1][0]})",
                f"{{'a': {v[0][1]}, 'b': {v[1][1]}}}",
            )
        ),
        inner.map(lambda v: (f"map(varchar, {v[0]})", f"map {{'k': {v[1]}}}")),
    )


VALUES = st.recursive(SCALARS, _nested, max_leaves=4)


@settings(max_examples=150)
@given(st.lists(VALUES, min_size=1, max_size=4))
def test_round_trip_or_refusal(values: list[tuple[str, str]]) -> None:
    columns = ", ".join(f"{sql} as c{i}" for i, (_, sql) in enumerate(values))
    nulls = ", ".join(f"null::{kind} as c{i}" for i, (kind, _) in enumerate(values))
    query = f"select 1 as id, {columns} union all select 2, {nulls}"
    with tempfile.TemporaryDirectory() as folder, open_connection(threads="1") as connection:
        tables = Tables(Path(folder), connection)
        try:
            tables.write(query)
        except StorageError as error:
            assert "cast" in error.todo
            assert current_version(tables.path()) is None
            assert list(Path(folder).rglob("*.parquet")) == []
            return
        there = f"delta_scan('{tables.path()}')"
        types = "select column_type from (describe {})"
        assert (
            connection.execute(types.format(f"from {there}")).fetchall()
            == connection.execute(types.format(query)).fetchall()
        )
        # As text, so that NaN equals itself and every digit counts.
        shown = "select columns(*)::varchar from (from ({}) order by id)"
        assert (
            connection.execute(shown.format(f"from {there}")).fetchall()
            == connection.execute(shown.format(query)).fetchall()
        )
