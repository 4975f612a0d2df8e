"""A product that the code has never seen, and another that reads its release: data files only.

``shop`` is scaffolded from two CSV files; a join and an aggregate are added as a team would add
them. ``report`` lands nothing and reads the aggregate. Nothing under ``plugins/`` knows either.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assay.cli.main import run

sys.path.append(str(Path(__file__).resolve().parents[1]))
from project_copy import copy_project, deliver, use_project

ORDERS = "order_id,customer_id,amount\n1,C1,10.5\n2,C1,4.5\n3,C2,7\n4,C9,1\n"
CUSTOMERS = "customer_id,region\nC1,north\nC2,south\n"
MORE_ORDERS = "order_id,customer_id,amount\n5,C2,3\n"

CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: {product}.{table}
name: {table}
version: 1.0.0
status: active
domain: {product}
dataProduct: {product}
description:
  purpose: {purpose}
team:
  name: shop-keepers
schema:
  - name: {table}
    logicalType: object
    description: {purpose}
    dataGranularityDescription: {grain}
    customProperties:
      - {{property: layer, value: gold}}
    properties:
{columns}"""
KEY = """      - name: {name}
        logicalType: string
        description: {name}
        primaryKey: true
        primaryKeyPosition: 1
"""
MEASURE = """      - name: {name}
        logicalType: {kind}
        description: {name}
"""
REGIONS_SQL = """with orders as (

    select * from {{ ref('shop__orders') }}

),

customers as (

    select * from {{ ref('shop__customers') }}

)

select
    coalesce(customers.region, 'unknown') as region,
    count(*) as orders,
    cast(sum(orders.amount) as double) as amount
from orders
left join customers on orders.customer_id = customers.customer_id
group by all
"""
REPORT_SQL = """with regions as (

    select * from {{ ref('agg_region') }}

)

select
    'all' as scope,
    cast(sum(orders) as bigint) as orders
from regions
"""


@dataclass(frozen=True)
class Products:
    """The project, and what the commands printed."""

    folder: Path
    steps: dict[str, Result]


def assay(*arguments: str) -> Result:
    done = CliRunner().invoke(run, list(arguments))
    assert done.exit_code == 0, done.output
    return done


def rows(query: str, *options: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        assay("sql", query, "--format", "json", *options).stdout
    )
    return found


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Products]:
    folder = copy_project(tmp_path_factory.mktemp("new") / "project")
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "customers.csv").write_text(CUSTOMERS)
    with pytest.MonkeyPatch.context() as patch:
        use_project(patch, folder)
        yield Products(folder, _build(folder))


def _build(folder: Path) -> dict[str, Result]:
    samples = ("--from", str(folder / "orders.csv"), "--from", str(folder / "customers.csv"))
    done = {"new": assay("new", "product", "shop", *samples, "--owner", "shop-keepers")}
    _add_gold(folder, "shop", "agg_region", "region", REGIONS_SQL, "Orders by region.", "amount")
    done["compile"] = assay("contracts", "compile", "shop")
    deliver(folder, "shop/orders/1.csv", ORDERS)
    deliver(folder, "shop/customers/1.csv", CUSTOMERS)
    done["too early"] = _add_report(folder)
    done["shop 1"] = assay("run", "shop")
    done["report 1"] = assay("run", "report")
    deliver(folder, "shop/orders/2.csv", MORE_ORDERS)
    done["shop 2"] = assay("run", "shop")
    done["pinned"] = assay("sql", "select orders from gold.agg_all", "--format", "csv")
    done["report 2"] = assay("run", "report")
    done["report idle"] = assay("run", "report")
    done["show"] = assay("releases", "show", "report", "--format", "json")
    return done


def _add_report(folder: Path) -> Result:
    """Add the second product, and try it before the first has a release."""
    _add_gold(folder, "report", "agg_all", "scope", REPORT_SQL, "All orders.", "")
    assay("contracts", "compile", "report")
    return CliRunner().invoke(run, ["run", "report"])


def _add_gold(
    folder: Path, product: str, table: str, key: str, sql: str, purpose: str, amount: str
) -> None:
    columns = KEY.format(name=key) + MEASURE.format(name="orders", kind="integer")
    columns += MEASURE.format(name=amount, kind="number") if amount else ""
    contract = CONTRACT.format(
        product=product,
        table=table,
        purpose=purpose,
        grain=f"One row a {key}.",
        columns=columns,
    )
    for path, text in (
        (f"contracts/{product}/{table}.odcs.yaml", contract),
        (f"dbt_project/models/gold/{product}/{table}.sql", sql),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_the_scaffold_writes_contracts_models_suites_and_a_dag(products: Products) -> None:
    written = products.steps["new"].output
    for path in (
        "contracts/shop/orders.odcs.yaml",
        "contracts/shop/customers.odcs.yaml",
        "contracts/shop/fct_orders.odcs.yaml",
        "dbt_project/models/silver/shop/stg_shop__orders.sql",
        "dbt_project/models/gold/shop/fct_orders.sql",
        "expectations/shop/shop__orders.json",
        "dags/shop.py",
    ):
        assert path in written
        assert (products.folder / path).is_file()


def test_the_dag_file_is_one_call_of_the_factory(products: Products) -> None:
    body = ast.parse((products.folder / "dags" / "shop.py").read_text()).body
    assert [ast.unparse(node) for node in body[1:]] == [
        "from assay.airflow import product_dag",
        "dag = product_dag('shop')",
    ]


def test_a_product_that_reads_another_waits_for_its_first_release(products: Products) -> None:
    early = products.steps["too early"]
    assert early.exit_code == 1
    assert "report reads shop, which has no release yet" in early.stderr
    assert "release it first: `assay run shop`" in early.stderr


def test_the_join_and_the_aggregate_are_released(products: Products) -> None:
    first = rows("select * from gold.agg_region order by region", "--release", "shop=1")
    assert first == [
        {"region": "north", "orders": 2, "amount": 15.0},
        {"region": "south", "orders": 1, "amount": 7.0},
        {"region": "unknown", "orders": 1, "amount": 1.0},
    ]
    now = rows("select orders from gold.agg_region where region = 'south'")
    assert now == [{"orders": 2}]


def test_a_reading_product_sees_one_release_until_it_runs_again(products: Products) -> None:
    assert "Release 1 of report" in products.steps["report 1"].stdout
    assert products.steps["pinned"].stdout == "orders\n4\n"
    assert "Release 2 of report" in products.steps["report 2"].stdout
    assert rows("select orders from gold.agg_all") == [{"orders": 5}]
    assert products.steps["report idle"].stdout.startswith("Nothing new for report")


def test_a_release_names_the_releases_it_read(products: Products) -> None:
    shown = json.loads(products.steps["show"].stdout)
    assert (shown["release"], shown["reads"], shown["loads"]) == (2, {"shop": 2}, [])
    assert "read release 2 of shop, before it was 1" in assay("explain", shown["run"]).output
