"""Rows split by 25 rules into accepted and quarantined, against a plain Delta write of the same.

A project of one append-only table is landed and built to bronze; then four things are measured
in this process. ``floor`` casts the bronze rows and writes them to one Delta table by our own
writer; ``deltalake`` does so by ``write_deltalake``, from a stream of Arrow batches. ``judged``
writes the rows of the split's own query by our writer, each with the word whether it broke a rule:
what strict reading and the rules cost without anything done about them. ``split`` is the build of
silver as a run does it: through dbt, with every rule that a row broke, both tables, and the count
of where each row went. Prints one JSON line.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from deltalake import write_deltalake
from duckdb import DuckDBPyConnection

from assay.config import read_settings
from assay.contracts import read_contracts, staging_model, staging_scaffold, write_compiled
from assay.domain import Layer, TableRef
from assay.pipeline import Project, build_layer, open_project, start_run
from assay.pipeline.preloading import preload
from assay.storage import (
    WriteMode,
    WriteRequest,
    current_version,
    open_connection,
    scan,
    write_table,
)
from benchmarks.orders import COUNTRIES, STATUSES, orders_path

_ROOT = Path(__file__).resolve().parents[1]
_TYPES = {
    "id": "bigint",
    "code": "varchar",
    "name": "varchar",
    "status": "varchar",
    "country": "varchar",
    "qty": "integer",
    "price": "decimal(12, 2)",
    "ratio": "double",
    "ordered_on": "date",
    "shipped_on": "date",
    "moment": "timestamp",
}
_BATCH_ROWS = 122_880
_LOGICAL = {
    "bigint": "integer",
    "integer": "integer",
    "varchar": "string",
    "double": "number",
    "decimal(12, 2)": "number",
    "date": "date",
    "timestamp": "timestamp",
}
# Ten columns are required; with these that makes 25. `{step}` sets how many rows break the last.
_RULES = [
    "qty <= 999",
    "price >= 0",
    "price <= 10000",
    "ratio >= 0",
    "ratio <= 1001",
    f"status in {tuple(STATUSES)}",
    "status not in ('gone', 'x')",
    f"country in {tuple(COUNTRIES)}",
    "length(code) = 7",
    "regexp_full_match(code, 'c[0-9]{{6}}')",
    "length(name) <= 20",
    "not regexp_matches(name, '[;|]')",
    "shipped_on >= ordered_on",
    "ordered_on >= date '2026-01-01'",
    "id % {step} <> 1",
]


def measure_split(cache: Path, rows: int, step: int) -> dict[str, float]:
    """Return CPU seconds of each, and how many rows were quarantined; 1 in ``step`` is made bad."""
    root = cache / "split"
    shutil.rmtree(root, ignore_errors=True)
    _write_project(root, orders_path(cache, rows), step)
    os.environ |= {"ASSAY_PROJECT": str(root), "ASSAY_LAKE": "lake"}
    project = open_project(read_settings())
    preload(project)
    run_id = start_run(project, "bench", run_id="bench.split").run.run_id
    build_layer(project, run_id, Layer.BRONZE)
    found = {
        name: _write_plainly(project, root / name, write)
        for name, write in (("floor", _by_our_writer), ("deltalake", _by_deltalake))
    }
    began = time.process_time()
    build_layer(project, run_id, Layer.SILVER)
    found["split"] = time.process_time() - began
    found["judged"] = _write_judged(project, root / "judged")
    balances = project.records.balances_of(run_id)
    found["rows"] = sum(each.landed for each in balances)
    found["quarantined"] = sum(each.quarantined for each in balances)
    shutil.rmtree(root)
    return found


def _write_plainly(
    project: Project, path: Path, write: Callable[[DuckDBPyConnection, str, Path], None]
) -> float:
    source = project.table_path(TableRef.parse("bronze.bronze_bench__orders"))
    version = current_version(source)
    casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in _TYPES.items())
    carried = "_load_id, _source_file, _row_number, _ingested_at"
    query = f"(select {casts}, {carried} from {scan(str(source), version or 0)})"
    began = time.process_time()
    with open_connection("", "") as connection:
        write(connection, query, path)
    return time.process_time() - began


def _write_judged(project: Project, path: Path) -> float:
    bronze = project.table_path(TableRef.parse("bronze.bronze_bench__orders"))
    compiled = project.settings.dbt_project_path / "target" / "compiled"
    query = next(compiled.rglob("int_bench__orders_checked.sql")).read_text("utf-8")
    began = time.process_time()
    with open_connection("", "") as connection:
        connection.execute("create schema bronze")
        connection.execute(
            "create view bronze.bronze_bench__orders as"
            f" from {scan(str(bronze), current_version(bronze) or 0)}"
        )
        _by_our_writer(connection, f"(select * exclude (_unreadable) from ({query}))", path)
    return time.process_time() - began


def _by_our_writer(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    write_table(
        connection,
        WriteRequest(path, "bench.plain", query, WriteMode.OVERWRITE, None, lambda: None),
    )


def _by_deltalake(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    write_deltalake(path, connection.sql(f"from {query}").to_arrow_reader(_BATCH_ROWS))


def _write_project(root: Path, orders: Path, step: int) -> None:
    for part in ("dbt_project/macros", "dbt_project/tests", "policies"):
        shutil.copytree(_ROOT / part, root / part)
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy2(_ROOT / "dbt_project" / file, root / "dbt_project" / file)
    contract = root / "contracts" / "bench" / "orders.odcs.yaml"
    contract.parent.mkdir(parents=True)
    contract.write_text(yaml.safe_dump(_contract(step), sort_keys=False), encoding="utf-8")
    contracts = read_contracts(root / "contracts", "bench")
    staging = root / "dbt_project" / "models" / "silver" / "bench"
    staging.mkdir(parents=True)
    for each in contracts:
        (staging / f"{staging_model(each)}.sql").write_text(staging_scaffold(each))
    write_compiled(root, contracts, "bench")
    delivered = root / "deliveries" / "bench" / "orders"
    delivered.mkdir(parents=True)
    with open_connection("", "") as connection:
        connection.execute(
            f"copy (select * from {scan(str(orders), 0)} where name is not null and qty >= 0)"
            f" to '{delivered / 'orders.csv'}' (header)"
        )


def _contract(step: int) -> dict[str, object]:
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "bench.orders",
        "name": "orders",
        "version": "1.0.0",
        "status": "active",
        "dataProduct": "bench",
        "description": {"purpose": "Orders."},
        "team": {"name": "bench"},
        "servers": [
            {"server": "files", "type": "local", "format": "csv", "path": "bench/orders/*.csv"}
        ],
        "schema": [
            {
                "name": "orders",
                "logicalType": "object",
                "description": "Orders.",
                "customProperties": [
                    {"property": "deliveryMode", "value": "append"},
                    {"property": "sourceSystem", "value": "bench"},
                ],
                "properties": [
                    {
                        "name": name,
                        "logicalType": _LOGICAL[kind],
                        "physicalType": kind,
                        "description": name,
                        "required": name != "id",
                    }
                    for name, kind in _TYPES.items()
                ],
                "quality": [
                    {
                        "type": "custom",
                        "engine": "assay",
                        "name": f"rule_{number}",
                        "severity": "error",
                        "implementation": rule.format(step=step),
                    }
                    for number, rule in enumerate(_RULES)
                ],
            }
        ],
    }


if __name__ == "__main__":
    print(json.dumps(measure_split(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
