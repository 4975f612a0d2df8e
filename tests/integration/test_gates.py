"""Audits and policies that refuse: readers keep the release that they have."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import yaml
from released_shop import BASE, tables
from small_product import PRODUCT, SmallProduct

from assay.domain import Layer
from assay.errors import (
    AuditFailed,
    ContractError,
    PolicyDenied,
    PolicyError,
)
from assay.pipeline import audit_layer, build_layer, pass_gate, publish_run, start_run


def test_a_published_table_without_a_contract_is_not_released(shop: SmallProduct) -> None:
    shop.deliver("orders", "b.csv", "order,item,price\n3,cap,3\n", 1)
    kept = shop.contract_path("fct_orders").read_text()
    shop.contract_path("fct_orders").unlink()
    with pytest.raises(ContractError, match="assay contracts compile shop"):
        shop.run()
    shop.compile()
    with pytest.raises(AuditFailed) as refused:
        shop.run()
    assert "gold.fct_orders has no suite" in str(refused.value)
    assert tables(shop) == BASE
    shop.suite_path("fct_orders").write_text('{"name": "fct_orders", "expectations": []}')
    with pytest.raises(AuditFailed, match="has no expectation: zero checks is not a pass"):
        shop.run()
    not_null = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "price"}}
    suite = {"name": "fct_orders", "expectations": [not_null]}
    shop.suite_path("fct_orders").write_text(json.dumps(suite))
    with pytest.raises(PolicyError) as denied:
        shop.run()
    assert "gold.fct_orders" in str(denied.value)
    assert tables(shop) == BASE
    shop.contract_path("fct_orders").write_text(kept)
    shop.compile()
    shop.release()
    assert shop.rows("gold.fct_orders") == [*BASE["gold.fct_orders"], (3, Decimal(3))]


def test_a_policy_engine_that_does_not_answer_stops_the_run(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    with monkeypatch.context() as patch:
        patch.setenv("OPA_URL", "http://127.0.0.1:9")
        with pytest.raises(PolicyError) as refused:
            shop.run()
    assert "127.0.0.1:9" in str(refused.value)
    assert tables(shop) == BASE
    assert shop.release().number == 2
    assert shop.rows("silver.shop__prices") == [("ink", 2.0), ("pen", 9.0)]


def test_a_failed_critical_check_leaves_readers_where_they_are(shop: SmallProduct) -> None:
    own = shop.root / "expectations" / PRODUCT / "agg_clicks.own.json"
    own.write_text(json.dumps({"name": "agg_clicks.own", "expectations": [at_most("visits", 9)]}))
    shop.release()
    header = "at,page,visits\n"
    shop.deliver("clicks", "b.csv", f"{header}2024-01-01T00:00:00Z,home,7\n", 1)
    with pytest.raises(AuditFailed) as failed:
        shop.run()
    assert "gold.agg_clicks@" in str(failed.value)
    assert tables(shop) == BASE
    run_id = shop.project.records.runs_of(PRODUCT)[-1].run_id
    assert f"assay sql --run {run_id}" in str(failed.value)
    assert shop.rows("gold.agg_clicks", run_id=run_id) == [("cart", 1), ("home", 10)]
    assert len(shop.rows("silver.shop__clicks", run_id=run_id)) == 3

    shop.deliver("clicks", "c.csv", f"{header}2024-01-01T00:00:00Z,home,-1\n", 2)
    release = shop.release()
    assert shop.rows("gold.agg_clicks") == [("cart", 1), ("home", 9)]
    assert release.rows["silver.shop__clicks"] == 4
    assert release.rows["bronze.bronze_shop__clicks"] == 4
    assert shop.rows("gold.agg_clicks", run_id=run_id) == [("cart", 1), ("home", 10)]


def test_a_suite_that_failed_and_was_put_back_does_not_stand_in_the_way(
    shop: SmallProduct,
) -> None:
    own = shop.root / "expectations" / PRODUCT / "agg_clicks.own.json"
    own.write_text(json.dumps({"name": "agg_clicks.own", "expectations": [at_most("visits", 2)]}))
    with pytest.raises(AuditFailed):
        shop.run()
    own.unlink()
    assert shop.run().release is None
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    shop.release()
    assert shop.rows("silver.shop__prices") == [("ink", 2.0), ("pen", 9.0)]


def test_a_table_whose_suite_changed_is_released_by_an_audit_of_this_run_alone(
    shop: SmallProduct,
) -> None:
    own = shop.root / "expectations" / PRODUCT / "agg_clicks.own.json"
    own.write_text(json.dumps({"name": "agg_clicks.own", "expectations": [at_most("visits", 2)]}))
    project = shop.project
    run = start_run(project, PRODUCT, "skipping").run
    assert run is not None
    assert (run.models, run.audits) == ((), ("agg_clicks",))
    for layer in (Layer.BRONZE, Layer.SILVER):
        build_layer(project, run.run_id, layer)
        audit_layer(project, run.run_id, layer)
    pass_gate(project, run.run_id)
    with pytest.raises(AuditFailed, match=r"has not audited gold\.agg_clicks@\d+"):
        publish_run(project, run.run_id)
    assert tables(shop) == BASE
    with pytest.raises(AuditFailed, match="did not pass its audit"):
        audit_layer(project, run.run_id, Layer.GOLD)
    with pytest.raises(AuditFailed, match="did not pass its audit"):
        publish_run(project, run.run_id)
    own.unlink()
    assert shop.run().release is None


def test_a_failed_warning_is_published_and_counted(shop: SmallProduct) -> None:
    shop.deliver("orders", "b.csv", "order,item,price\n3,car,5000\n", 1)
    release = shop.release()
    assert {k: release.checks[k] for k in ("warned", "failed", "errored")} == {
        "warned": 1,
        "failed": 0,
        "errored": 0,
    }
    assert shop.rows("gold.fct_orders") == [*BASE["gold.fct_orders"], (3, Decimal(5000))]


def test_a_contract_that_loses_its_owner_is_judged_without_a_delivery(
    shop: SmallProduct,
) -> None:
    path = shop.contract_path("fct_orders")
    document = yaml.safe_load(path.read_text())
    document["team"]["name"] = "todo"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    with pytest.raises(PolicyDenied, match="owner_named"):
        shop.run()
    assert tables(shop) == BASE


def test_undeclared_personal_data_in_silver_is_not_released(shop: SmallProduct) -> None:
    path = shop.contract_path("places")
    document = yaml.safe_load(path.read_text())
    for column in document["schema"][0]["properties"]:
        if column["name"] == "city":
            column |= {"name": "home_address", "physicalName": "city"}
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()
    staging = shop.model_path("stg_shop__places")
    staging.write_text(staging.read_text().replace('"city"', '"home_address"'))
    gold = shop.model_path("agg_stock")
    gold.write_text(gold.read_text().replace("places.city", "places.home_address"))
    with pytest.raises(PolicyDenied, match=r"silver\.shop__places\.home_address"):
        shop.run()
    assert tables(shop) == BASE


def at_most(column: str, value: int) -> dict[str, object]:
    kwargs = {"column": column, "max_value": value}
    return {"type": "expect_column_values_to_be_between", "kwargs": kwargs}
