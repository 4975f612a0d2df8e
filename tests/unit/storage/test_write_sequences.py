"""Any sequence of writes leaves what a plain Python model of it says."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from delta_tables import Tables
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.storage import (
    MergeRules,
    TableSpec,
    WriteMode,
    WriteRequest,
    current_version,
    open_connection,
    restore,
    write_table,
)

Row = tuple[int, str, int]
Step = tuple[str, list[Row], str]

_ROWS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["a", "b", "c"]), st.integers(0, 9)), max_size=8
)
_BY_KEY = _ROWS.map(lambda rows: list({row[0]: row for row in rows}.values()))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("overwrite"), _ROWS, st.just("")),
        st.tuples(st.just("append"), _ROWS, st.just("")),
        st.tuples(st.just("merge"), _BY_KEY, st.sampled_from(["", "merge", "rewrite"])),
        st.tuples(st.just("delete"), _BY_KEY, st.just("")),
        st.tuples(st.just("replace_partitions"), _ROWS, st.just("")),
        st.tuples(st.just("replace_where"), _ROWS, st.just("")),
        st.tuples(st.just("restore"), st.just([]), st.just("")),
    ),
    min_size=1,
    max_size=8,
)


def expected(rows: Counter[Row], step: Step, first: Counter[Row]) -> Counter[Row]:
    kind, new, _ = step
    if kind == "restore":
        return first
    keys, parts = {row[0] for row in new}, {row[1] for row in new}
    stays = {
        "overwrite": lambda row: False,
        "append": lambda row: True,
        "merge": lambda row: row[0] not in keys,
        "delete": lambda row: row[0] not in keys,
        "replace_partitions": lambda row: row[1] not in parts,
        "replace_where": lambda row: row[2] < 5,
    }[kind]
    kept = Counter({row: count for row, count in rows.items() if stays(row)})
    return kept if kind == "delete" else kept + Counter(new)


def write(tables: Tables, step: Step, spec: TableSpec) -> None:
    kind, new, method = step
    values = ", ".join(f"({i}, '{p}', {v})" for i, p, v in new) or "(0, '', 0)"
    query = "select i::bigint as id, p::varchar as part, v::integer as n"
    query += f" from (values {values}) t(i, p, v)"
    query += "" if new else " where false"
    mode = WriteMode("merge" if kind == "delete" else kind)
    rules = MergeRules(delete_when="true") if kind == "delete" else MergeRules(method=method)
    request = WriteRequest(
        tables.path(), "t", f"({query})", mode, current_version(tables.path()), lambda: None,
        keys=("id",), merge=rules, replace_where="n >= 5", spec=spec,
    )  # fmt: skip
    write_table(tables.connection, request)


@settings(max_examples=40)
@given(STEPS, _ROWS, st.booleans())
def test_any_sequence(steps: list[Step], start: list[Row], is_partitioned: bool) -> None:
    steps = [s for s in steps if is_partitioned or s[0] != "replace_partitions"]
    spec = TableSpec(partition_by=("part",) if is_partitioned else (), checks={"n": "n >= 0"})
    with tempfile.TemporaryDirectory() as folder, open_connection(threads="1") as connection:
        tables = Tables(Path(folder), connection)
        write(tables, ("overwrite", start, ""), spec)
        origin = current_version(tables.path())
        assert origin is not None
        first = rows = Counter(start)
        for step in steps:
            if step[0] == "restore":
                restore(tables.path(), origin, lambda: None)
            else:
                write(tables, step, spec)
            rows = expected(rows, step, first)
            version = current_version(tables.path())
            assert version is not None
            found: Counter[Row] = Counter(
                (int(str(i)), str(p), int(str(n))) for i, p, n in tables.read(version)
            )
            assert +found == +rows, step
