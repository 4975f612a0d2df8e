"""Fifty rules on one table, by four contenders: each prints how many values break a rule.

``sql``     one hand-written DuckDB query of the same measures
``audit``   Assay's audit: Great Expectations pushed down to DuckDB
``pandas``  Great Expectations on its pandas engine, the table in memory
``dbt``     a dbt test for each rule, on DuckDB
``imports`` what ``audit`` imports, and no audit
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from assay.domain import TableRef, TableVersion
from assay.quality import Expectation, Suite, run_suite
from assay.storage import open_connection, scan
from benchmarks.orders import ROW_RULES, RULES, orders_path

_TABLE = TableRef.parse("gold.orders")


def run_sql(path: Path) -> int:
    """Ask for every measure in one query over the table."""
    counts = [
        rule.measure or f"count(*) filter (where {rule.bad_row})"
        for rule in RULES
        if rule.measure or rule.bad_row
    ]
    with open_connection("", "") as connection:
        found = connection.execute(f"select {', '.join(counts)} from {scan(str(path), 0)}")
        (row,) = found.fetchall()
    return int(sum(row[: len(ROW_RULES)]))


def run_audit(path: Path) -> int:
    """Audit the table as a run does."""
    expectations = tuple(Expectation("orders", rule.type, rule.kwargs) for rule in RULES)
    with open_connection("", "") as connection:
        connection.execute(f"create view audited_table as from {scan(str(path), 0)}")
        results = run_suite(
            connection,
            "audited_table",
            Suite("orders", "bench", _TABLE, expectations),
            run_id="bench",
            product="bench",
            table_version=TableVersion(_TABLE, 0),
            row_count=0,
            checked_at_utc=datetime.now(UTC),
        )
    if errored := [each.message for each in results if each.status.value == "errored"]:
        raise SystemExit(f"errored: {errored}")
    return sum(each.unexpected_count for each in results[: len(ROW_RULES)])


def run_pandas(path: Path) -> int:
    """Read the table into pandas and validate it there."""
    import great_expectations as gx

    with open_connection("", "") as connection:
        frame = connection.execute(f"from {scan(str(path), 0)}").df()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("orders")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(
        "orders",
        expectations=[{"type": rule.type, "kwargs": _as_pandas(rule.kwargs)} for rule in RULES],
    )
    result = batch.validate(
        suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0}
    )
    counts = [each.result.get("unexpected_count") for each in result.results]
    return sum(each or 0 for each in counts)


def _as_pandas(kwargs: dict[str, object]) -> dict[str, object]:
    """Columns of dates are timestamps in pandas, and compare with nothing else."""
    if kwargs.get("column") != "ordered_on":
        return kwargs
    return {
        key: f"{value} 00:00:00" if key.endswith("_value") else value
        for key, value in kwargs.items()
    }


def run_dbt(path: Path) -> int:
    """Run one dbt test a rule, on the table's files: those that break a row rule are counted."""
    from dbt.cli.main import dbtRunner

    folder = path.parent / "dbt-tests"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tests").mkdir(parents=True)
    source = f"read_parquet('{path}/*.parquet')"
    for number, rule in enumerate(each for each in RULES if each.bad_row or each.measure):
        if rule.bad_row:
            query = f"select id from {source} where {rule.bad_row}"
        else:
            query = f"select m from (select {rule.measure} as m from {source}) where m is null"
        (folder / "tests" / f"rule_{number:02d}.sql").write_text(query)
    target = {"type": "duckdb", "path": ":memory:", "threads": 1}
    files = {
        "dbt_project.yml": {
            "name": "bench",
            "profile": "bench",
            "flags": {"send_anonymous_usage_stats": False},
        },
        "profiles.yml": {"bench": {"target": "dev", "outputs": {"dev": target}}},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    places = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    outcome = dbtRunner().invoke(["--quiet", "test", *places])
    if outcome.exception:
        raise outcome.exception
    results = list(outcome.result)
    if errored := [each.message for each in results if each.status == "error"]:
        raise SystemExit(f"errored: {errored}")
    return sum(each.failures or 0 for each in results)


def run_imports(path: Path) -> int:
    """Import what an audit needs, and audit nothing."""
    from assay.quality import preload

    preload()
    return 0


_CONTENDERS: dict[str, Callable[[Path], int]] = {
    "sql": run_sql,
    "audit": run_audit,
    "pandas": run_pandas,
    "dbt": run_dbt,
    "imports": run_imports,
}

if __name__ == "__main__":
    print(_CONTENDERS[sys.argv[1]](orders_path(Path(sys.argv[2]), int(sys.argv[3]))))
