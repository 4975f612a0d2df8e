"""dbt's data tests and unit tests count as the checks of the suites do."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from small_product import SmallProduct, make_small_product, write_text

from assay.domain import CheckResult
from assay.errors import AuditFailed
from assay.pipeline.explain import explain_run
from assay.pipeline.summary import summarize_run

HEADER = "order,item,price\n"
UNIT_TEST = """
unit_tests:
  - name: an_order_keeps_its_price
    model: fct_orders
    given:
      - input: ref('shop__orders')
        rows: [{order: 1, item: pen, price: 2.50}]
    expect:
      rows: [{order: 1, price: PRICE}]
"""


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    found = make_small_product(product_folder, monkeypatch, ("orders",))
    found.deliver("orders", "1.csv", HEADER + "1,pen,2.50\n2,ink,5\n", 1)
    return found


def data_test(shop: SmallProduct, name: str, sql: str, config: str = "") -> Path:
    path = shop.root / "dbt_project" / "tests" / f"{name}.sql"
    write_text(path, (f"{{{{ config({config}) }}}}\n" if config else "") + sql)
    return path


def unit_test(shop: SmallProduct, price: str) -> Path:
    path = shop.root / "dbt_project" / "models" / "gold" / "shop" / "fct_orders.yml"
    write_text(path, UNIT_TEST.replace("PRICE", price))
    return path


def dbt_checks(shop: SmallProduct, run_id: str) -> dict[str, tuple[str, str, str, int]]:
    """The newest dbt results of a run: table, severity, status, count by test."""
    found: dict[str, CheckResult] = {}
    for each in sorted(shop.project.records.checks.read(run_id=run_id), key=_when):
        if each.suite == "dbt":
            found[each.check] = each
    return {
        name: (c.table, c.severity.value, c.status.value, c.unexpected_count)
        for name, c in found.items()
    }


def _when(check: CheckResult) -> object:
    return check.checked_at_utc


def newest_run(shop: SmallProduct) -> str:
    return shop.project.records.runs_of("shop")[-1].run_id


CHEAP = 'select "order" from {{ ref("shop__orders") }} where price > 4'


def test_results_are_recorded_and_counted_with_the_audit(shop: SmallProduct) -> None:
    data_test(shop, "orders_have_items", "select 1 from {{ ref('shop__orders') }} where item = ''")
    data_test(shop, "orders_are_cheap", CHEAP, "severity='warn'")
    unit_test(shop, "2.50")
    release = shop.release()
    assert dbt_checks(shop, release.run_id) == {
        "orders_have_items": ("silver.shop__orders", "critical", "passed", 0),
        "orders_are_cheap": ("silver.shop__orders", "warning", "failed", 1),
        "an_order_keeps_its_price": ("gold.fct_orders", "critical", "passed", 0),
    }
    assert release.checks["warned"] == 1
    summary = {str(t.table): t.checks for t in summarize_run(shop.project, release.run_id).tables}
    assert summary["silver.shop__orders"].warned == 1
    told = explain_run(shop.project, release.run_id).checks
    assert [(each.check, each.observed) for each in told] == [
        ("orders_are_cheap", "1 failing rows")
    ]


def test_a_failing_data_test_stops_the_run_and_readers_keep_their_release(
    shop: SmallProduct,
) -> None:
    first = shop.release()
    data_test(shop, "orders_are_cheap", CHEAP)
    with pytest.raises(AuditFailed, match="orders_are_cheap fails: 1 failing rows"):
        shop.run()
    assert shop.project.releases.current("shop") == first
    with pytest.raises(AuditFailed, match="orders_are_cheap"):
        shop.run()
    # Gone, the test says no more, though the table's version is still the one that failed.
    (shop.root / "dbt_project" / "tests" / "orders_are_cheap.sql").unlink()
    shop.deliver("orders", "2.csv", HEADER + "3,cap,1\n", 2)
    assert shop.release().checks["failed"] == 0


def test_a_test_that_cannot_be_evaluated_stops_the_run_without_a_rows_value(
    shop: SmallProduct,
) -> None:
    data_test(
        shop,
        "items_are_numbers",
        "select 1 from {{ ref('shop__orders') }} where item::integer is null",
    )
    with pytest.raises(AuditFailed, match="items_are_numbers could not be evaluated") as caught:
        shop.run()
    assert "Conversion Error" in str(caught.value)
    assert "'pen'" not in str(caught.value)
    assert dbt_checks(shop, newest_run(shop)) == {
        "items_are_numbers": ("silver.shop__orders", "critical", "errored", 0)
    }


def test_a_test_that_names_no_model_says_which(shop: SmallProduct) -> None:
    path = unit_test(shop, "2.50")
    path.write_text(path.read_text("utf-8").replace("shop__orders", "bronze_shop__orders"), "utf-8")
    with pytest.raises(AuditFailed, match="depends on a node named 'shop__orders'"):
        shop.run()


def test_a_failing_unit_test_stops_the_run(shop: SmallProduct) -> None:
    unit_test(shop, "9.99")
    with pytest.raises(AuditFailed, match="an_order_keeps_its_price fails"):
        shop.run()
    assert shop.project.releases.current("shop") is None


def test_a_unit_test_runs_once_for_the_same_code(shop: SmallProduct) -> None:
    unit_test(shop, "2.50")
    first = shop.release()
    shop.deliver("orders", "2.csv", HEADER + "3,cap,1\n", 2)
    second = shop.release()
    assert dbt_checks(shop, second.run_id) == dbt_checks(shop, first.run_id)
    observed = [
        c.observed for c in shop.project.records.checks.read(run_id=second.run_id, suite="dbt")
    ]
    assert observed == [f"passed for the same code in run {first.run_id}"]
    # Other code: it runs again, and this time it fails.
    shop.model_path("fct_orders").write_text(
        'select "order", (price + 1)::decimal(10, 2) as price from {{ ref("shop__orders") }}',
        "utf-8",
    )
    with pytest.raises(AuditFailed, match="an_order_keeps_its_price fails"):
        shop.run()


def test_a_test_of_a_view_counts_for_the_table_that_is_made_from_it(shop: SmallProduct) -> None:
    gold = shop.root / "dbt_project" / "models" / "gold" / "shop"
    view = "{{ config(materialized='view') }} select * from {{ ref('shop__orders') }}"
    write_text(gold / "int_orders.sql", view)
    write_text(gold / "fct_orders.sql", 'select "order", price from {{ ref("int_orders") }}')
    write_text(
        gold / "int_orders.yml",
        "models: [{name: int_orders, columns: [{name: item, data_tests: [not_null,"
        " {accepted_values: {arguments: {values: [pen]}, config: {severity: warn}}}]}]}]",
    )
    found = dbt_checks(shop, shop.release().run_id)
    assert sorted(found.values()) == [
        ("gold.fct_orders", "critical", "passed", 0),
        ("gold.fct_orders", "warning", "failed", 1),
    ]


def test_a_unit_test_of_a_table_that_is_made_from_a_view(shop: SmallProduct) -> None:
    gold = shop.root / "dbt_project" / "models" / "gold" / "shop"
    view = "{{ config(materialized='view') }} select * from {{ ref('shop__orders') }}"
    write_text(gold / "int_orders.sql", view)
    write_text(gold / "fct_orders.sql", 'select "order", price from {{ ref("int_orders") }}')
    cases = UNIT_TEST.replace("shop__orders", "int_orders")
    write_text(gold / "fct_orders.yml", cases.replace("PRICE", "2.50"))
    release = shop.release()
    assert dbt_checks(shop, release.run_id) == {
        "an_order_keeps_its_price": ("gold.fct_orders", "critical", "passed", 0)
    }
    assert shop.rows("gold.fct_orders") == [(1, Decimal("2.50")), (2, Decimal("5.00"))]
    write_text(gold / "fct_orders.yml", cases.replace("PRICE", "7"))
    with pytest.raises(AuditFailed, match="an_order_keeps_its_price fails"):
        shop.run()


def test_a_test_over_two_layers_runs_when_either_table_changes(shop: SmallProduct) -> None:
    data_test(
        shop,
        "every_order_is_published",
        'select 1 from {{ ref("shop__orders") }} anti join {{ ref("fct_orders") }} using ("order")',
    )
    assert dbt_checks(shop, shop.release().run_id) == {
        "every_order_is_published": ("gold.fct_orders", "critical", "passed", 0)
    }


def test_the_tests_of_columns_whose_names_sql_reserves_pass_in_a_shell(shop: SmallProduct) -> None:
    path = shop.contract_path("fct_orders")
    document = yaml.safe_load(path.read_text("utf-8"))
    order = document["schema"][0]["properties"][0]
    order |= {"unique": True, "relationships": [{"to": "orders.order"}]}
    write_text(path, yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    shop.release()
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "build", "--select", "fct_orders"],
        cwd=shop.root / "dbt_project",
        check=False,
        capture_output=True,
        text=True,
    )
    for test in ("not_null_fct_orders__order_", "unique_fct_orders__order_", "order_in_orders"):
        assert re.search(rf"PASS \w*{test} ", done.stdout), done.stdout
    assert done.returncode == 0
