"""A dbt project to build: once as Delta by Assay's materialization, once as Parquet by dbt-duckdb.

The models' SQL is the same; the profile, the macros and the materialization differ.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
KINDS = ("external", "delta")
STAGING, JOINED, SUMMED = 10, 20, 20
_SUMS = """
    count(*) as row_count,
    sum(amount)::decimal(18, 2) as amount,
    avg(score) as score,
    max(happened_at) as newest_at
"""


def fifty_models(source: Path) -> dict[str, str]:
    """Write the SQL of a project in three layers, fifty models over one file of rows."""
    models = {
        f"stg_{i}": f"select *, amount * quantity as total from read_parquet('{source}')"
        f" where account % {STAGING} = {i}"
        for i in range(STAGING)
    }
    for i in range(JOINED):
        left, right = f"stg_{i % STAGING}", f"stg_{(i + 3) % STAGING}"
        models[f"int_{i}"] = (
            "select l.id, l.account, l.product, l.region, l.day, l.amount, l.score,"
            " l.happened_at, r.row_count as others"
            f" from {{{{ ref('{left}') }}}} as l"
            f" left join (select product, count(*) as row_count from {{{{ ref('{right}') }}}}"
            " group by all) as r on l.product = r.product"
            f" where l.quantity > {i}"
        )
    for i in range(SUMMED):
        by = ("region", "product", "day", "account")[i % 4]
        models[f"agg_{i}"] = f"select {by},{_SUMS}from {{{{ ref('int_{i}') }}}} group by all"
    return models


def one_model(source: Path) -> dict[str, str]:
    """Write the SQL of a project with one model: the rows of a file as they are."""
    return {"rows": f"select * from read_parquet('{source}')"}


def write_project(folder: Path, kind: str, models: Mapping[str, str]) -> None:
    """Write a project with its profile anew; what it builds goes below ``folder / 'lake'``."""
    shutil.rmtree(folder, ignore_errors=True)
    lake = folder / "lake"
    (folder / "models").mkdir(parents=True)
    for name, sql in models.items():
        (folder / "models" / f"{name}.sql").write_text(sql, encoding="utf-8")
    target: dict[str, object] = {"type": "duckdb", "path": ":memory:", "threads": 2}
    project: dict[str, object] = {
        "name": "bench",
        "profile": "bench",
        "flags": {"send_anonymous_usage_stats": False},
        "models": {"+materialized": "table" if kind == "delta" else "external"},
    }
    if kind == "delta":
        plugin = {"module": "assay.dbt.plugin", "alias": "assay", "config": {"lake": str(lake)}}
        target["plugins"] = [plugin]
        project["macro-paths"] = [str(PROJECT / "dbt_project" / "macros" / "delta")]
    else:
        lake.mkdir()
        target["external_root"] = str(lake)
    profile = {"bench": {"target": "bench", "outputs": {"bench": target}}}
    # JSON is YAML.
    (folder / "dbt_project.yml").write_text(json.dumps(project), encoding="utf-8")
    (folder / "profiles.yml").write_text(json.dumps(profile), encoding="utf-8")
