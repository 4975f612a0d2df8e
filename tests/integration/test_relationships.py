"""A foreign key is judged by the other table as the run sees it, whichever of the two changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from small_product import (
    Entity,
    SmallProduct,
    make_small_product,
    write_contract,
    write_text,
)

from assay.contracts import read_contracts, staging_model, staging_scaffold, write_compiled
from assay.domain import CheckResult
from assay.errors import AuditFailed, ContractError, QualityError
from assay.pipeline import run_product
from assay.pipeline.gx_project import open_gx_project

CHECK = "place_in_places"
STOCK = "sku,place,qty,changed_at\n"
EXTERN = "../world/lands.odcs.yaml#/schema/lands/properties/land"


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    """Stock leads to places; both are delivered, and every place is known."""
    found = make_small_product(product_folder, monkeypatch, ("stock", "places"))
    lead(found, "places.place")
    found.deliver("places", "1.csv", "place,city\nB,Berlin\nM,Mainz\n", 1)
    found.deliver(
        "stock", "1.csv", STOCK + "pen,B,1,2024-01-01 00:00:00\nink,M,1,2024-01-01 00:00:00\n", 1
    )
    return found


def lead(shop: SmallProduct, to: str, severity: str = "critical") -> None:
    path = shop.contract_path("stock")
    document = yaml.safe_load(path.read_text("utf-8"))
    document["schema"][0]["properties"][1]["relationships"] = [
        {"to": to, "customProperties": [{"property": "severity", "value": severity}]}
    ]
    write_text(path, yaml.safe_dump(document, sort_keys=False))
    shop.compile()


def checks(shop: SmallProduct, name: str = CHECK) -> list[tuple[str, str, int]]:
    """Every result of the foreign key, oldest first: status, severity, rows."""
    found: list[CheckResult] = shop.project.records.checks.read(check=name)
    ordered = sorted(found, key=lambda each: each.checked_at_utc)
    return [(c.status.value, c.severity.value, c.unexpected_count) for c in ordered]


def test_an_orphan_stops_the_run_and_is_named(shop: SmallProduct) -> None:
    shop.release()
    rows = [f"{sku},{place},1,2024-01-01 00:00:00\n" for sku, place in ("aX", "bX", "cY")]
    shop.deliver("stock", "2.csv", STOCK + "".join(rows), 2)
    with pytest.raises(
        AuditFailed, match=r"3 rows of 2 values without a row there, most often X \(2\)"
    ):
        shop.run()
    assert checks(shop) == [("passed", "critical", 0), ("failed", "critical", 3)]


def test_a_row_that_comes_in_the_same_run_is_seen(shop: SmallProduct) -> None:
    shop.release()
    shop.deliver("stock", "2.csv", STOCK + "cap,X,1,2024-01-01 00:00:00\n", 2)
    shop.deliver("places", "2.csv", "place,city\nB,Berlin\nM,Mainz\nX,Xanten\n", 2)
    release = shop.release()
    assert release.number == 2
    lines = (shop.lake / "_assay" / "lineage" / "events.ndjson").read_text("utf-8").splitlines()
    audits = [e for e in map(json.loads, lines) if e["job"]["name"].endswith("silver.shop__stock")]
    read = audits[-1]["inputs"][1]
    assert (read["name"], int(read["facets"]["version"]["datasetVersion"])) == (
        "silver.shop__places",
        release.tables["silver.shop__places"],
    )


def test_a_row_that_leaves_the_other_table_is_noticed(shop: SmallProduct) -> None:
    shop.release()
    shop.deliver("places", "2.csv", "place,city\nM,Mainz\n", 2)
    with pytest.raises(AuditFailed, match=r"silver\.shop__stock@0 did not pass"):
        shop.run()
    assert checks(shop) == [("passed", "critical", 0), ("failed", "critical", 1)]


def test_a_warning_lets_the_run_go_on(shop: SmallProduct) -> None:
    lead(shop, "places.place", "warning")
    shop.deliver("stock", "2.csv", STOCK + "cap,X,1,2024-01-01 00:00:00\n", 2)
    assert shop.release().checks["warned"] == 1
    assert checks(shop) == [("failed", "warning", 1)]


def test_the_great_expectations_api_checks_it_alike(shop: SmallProduct) -> None:
    lead(shop, "places.place", "warning")
    shop.deliver("stock", "2.csv", STOCK + "cap,X,1,2024-01-01 00:00:00\n", 2)
    shop.release()
    context = open_gx_project(shop.project, "shop")
    (result,) = context.checkpoints.get("silver.shop__stock").run().run_results.values()
    found = {each.expectation_config.meta.get("name"): each.result for each in result.results}
    assert found[CHECK] == {"observed_value": 1}


def test_the_foreign_key_runs_as_a_dbt_test_too(shop: SmallProduct) -> None:
    shop.release()
    models = shop.project.dbt.models()
    # In an audit it would run twice: the table's suite has it.
    assert [test.name for test in models["shop__stock"].tests] == []
    compiled = shop.root / "dbt_project/models/silver/shop/compiled/shop__stock.yml"
    assert "ref('shop__places')" in compiled.read_text("utf-8")


def world(shop: SmallProduct, lands: str, minute: int) -> None:
    """A second product: what it lands is released as it is."""
    entity = Entity((("land", "string", ""),), mode="snapshot", key=("land",))
    write_contract(shop.root, "lands", entity, "world")
    contracts = read_contracts(shop.root / "contracts", "world")
    silver = shop.root / "dbt_project" / "models" / "silver" / "world"
    write_text(silver / f"{staging_model(contracts[0])}.sql", staging_scaffold(contracts[0]))
    write_compiled(shop.root, contracts, "world")
    path = shop.deliver("places", f"{minute}.csv", "land\n" + lands, minute)
    target = shop.root / "deliveries" / "world" / "lands" / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    run_product(shop.project, "world")


def test_another_product_is_read_at_the_release_that_is_pinned(shop: SmallProduct) -> None:
    world(shop, "B\nM\n", 3)
    lead(shop, EXTERN)
    first = shop.release()
    assert first.reads == {"world": 1}
    assert shop.run().release is None
    world(shop, "M\n", 4)
    with pytest.raises(
        AuditFailed, match="found 1 row of 1 value without a row there, most often B"
    ):
        shop.run()
    world(shop, "B\nM\n", 5)
    assert shop.release().reads == {"world": 3}


def test_another_product_without_a_release_is_refused(shop: SmallProduct) -> None:
    entity = Entity((("land", "string", ""),), mode="snapshot", key=("land",))
    write_contract(shop.root, "lands", entity, "world")
    lead(shop, EXTERN)
    with pytest.raises(ContractError, match="shop reads world, which has no release yet"):
        shop.run()


def own_expectation(shop: SmallProduct, query: str, **meta: object) -> None:
    entry = {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": query}}
    content = {"name": "own", "expectations": [entry | {"meta": meta}]}
    write_text(shop.suite_path("shop__stock.own"), json.dumps(content))


def test_own_expectations_may_read_a_table_that_they_name(shop: SmallProduct) -> None:
    own_expectation(
        shop,
        "select 1 from {batch} having count(*) < (select count(*) from silver.shop__places)",
        name="enough",
        reads=["silver.shop__places"],
    )
    shop.release()
    assert checks(shop, "enough") == [("passed", "critical", 0)]
    shop.deliver("places", "2.csv", "place,city\nB,Berlin\nM,Mainz\nX,Xanten\n", 2)
    with pytest.raises(AuditFailed):
        shop.run()


@pytest.mark.parametrize("table", ["gold.agg_stock", "silver.shop__gone"])
def test_a_table_that_the_audit_cannot_see_is_refused(shop: SmallProduct, table: str) -> None:
    own_expectation(shop, f"select 1 from {{batch}}, {table}", reads=[table])
    with pytest.raises(QualityError, match=f"reads {table}, which this audit cannot see"):
        shop.run()
