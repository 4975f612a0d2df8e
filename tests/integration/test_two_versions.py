"""Two versions of a published table side by side: until a stated day, and not one longer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from small_product import (
    GOLD,
    PRODUCT,
    SmallProduct,
    make_small_product,
    write_contract,
    write_text,
)

from assay.config import read_settings
from assay.contracts.changes import ContractDiff, ContractSource, compare_contracts, read_source
from assay.errors import PolicyDenied
from assay.pipeline import RunOutcome, open_project, run_product

END = date(2027, 3, 31)


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    product = make_small_product(product_folder, monkeypatch, ["orders"])
    product.deliver("orders", "a.csv", "order,item,price\n1,map,2.5\n", 1)
    return product


def run_on(day: date) -> RunOutcome:
    """Run as if it were that day, at noon."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return run_product(open_project(read_settings(), lambda: noon), PRODUCT)


def add_second_version(shop: SmallProduct) -> None:
    entity, sql, _ = GOLD["fct_orders"]
    write_contract(shop.root, "fct_orders_v2", entity)
    models = shop.root / "dbt_project" / "models" / "gold" / PRODUCT
    write_text(models / "fct_orders_v2.sql", sql)


def deprecate(shop: SmallProduct) -> None:
    path = shop.contract_path("fct_orders")
    document = yaml.safe_load(path.read_text("utf-8"))
    document |= {"status": "deprecated", "version": "1.1.0"}
    document["slaProperties"] = [{"property": "endOfSupport", "value": END.isoformat()}]
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def remove_first_version(shop: SmallProduct) -> None:
    shop.contract_path("fct_orders").unlink()
    shop.model_path("fct_orders").unlink()


def sources(shop: SmallProduct) -> list[ContractSource]:
    files = sorted((shop.root / "contracts" / PRODUCT).glob("*.odcs.yaml"))
    return [read_source(file, file.read_bytes()) for file in files]


def problems(diffs: tuple[ContractDiff, ...]) -> dict[str, tuple[str, ...]]:
    return {Path(diff.file).name.partition(".")[0]: diff.problems for diff in diffs}


def test_the_old_version_is_served_until_its_day_and_refused_after(shop: SmallProduct) -> None:
    assert run_on(date(2027, 1, 1)).started.warnings == ()
    before = sources(shop)
    add_second_version(shop)
    deprecate(shop)
    both = sources(shop)
    assert problems(compare_contracts(before, both, date(2027, 1, 2))) == {
        "fct_orders": (),
        "fct_orders_v2": (),
    }
    shop.compile()

    served = run_on(END)
    assert served.release is not None
    assert {"gold.fct_orders", "gold.fct_orders_v2"} <= set(served.release.tables)
    assert served.started.warnings == (
        f"contracts/{PRODUCT}/fct_orders.odcs.yaml: it is deprecated and served until {END}"
        " (0 days)",
    )

    shop.deliver("orders", "b.csv", "order,item,price\n2,pad,1\n", 2)
    with pytest.raises(PolicyDenied, match="fct_orders: its contract serves it until 2027-03-31"):
        run_on(date(2027, 4, 1))
    assert shop.rows("gold.fct_orders_v2", '"order"') == [(1,)]

    remove_first_version(shop)
    assert problems(compare_contracts(both, sources(shop), END)) == {
        "fct_orders": (f"it is to be served until {END}: remove it after that day",)
    }
    assert problems(compare_contracts(both, sources(shop), date(2027, 4, 1))) == {"fct_orders": ()}
    shop.compile()
    after = run_on(date(2027, 4, 2))
    assert after.release is not None
    assert "gold.fct_orders" not in after.release.tables
    assert after.started.warnings == ()
    assert shop.rows("gold.fct_orders_v2", '"order"') == [(1,), (2,)]
