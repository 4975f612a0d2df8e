"""Rules that tolerate some rows leave them in the table; rules that tolerate none take them out."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from small_product import SmallProduct, make_small_product, write_text

from assay.errors import AuditFailed

HALF = {
    "metric": "nullValues",
    "name": "half_are_known",
    "mustBeLessOrEqualTo": 50,
    "unit": "percent",
    "dimension": "completeness",
}
NONE = {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": ["", "n/a"]}}


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    return make_small_product(product_folder, monkeypatch, ("places",))


def ask(shop: SmallProduct, rule: dict[str, object]) -> None:
    """Give the column `city` one rule of its own."""
    path = shop.contract_path("places")
    document = yaml.safe_load(path.read_text("utf-8"))
    document["schema"][0]["properties"][1]["quality"] = [rule]
    write_text(path, yaml.safe_dump(document, sort_keys=False))
    shop.compile()


def deliver(shop: SmallProduct, number: int, *cities: str) -> None:
    rows = "".join(f"P{place},{city}\n" for place, city in enumerate(cities))
    shop.deliver("places", f"{number}.csv", "place,city\n" + rows, number)


def cities(shop: SmallProduct, table: str) -> list[object]:
    return [city for _, city in shop.query(f"select place, city from {table} order by place")]


def test_a_share_is_judged_on_what_the_silver_table_holds(shop: SmallProduct) -> None:
    ask(shop, HALF)
    deliver(shop, 1, "Berlin", "", "Mainz", "")
    shop.release()
    assert cities(shop, "silver.shop__places") == ["Berlin", None, "Mainz", None]
    assert cities(shop, "quarantine.shop__places") == []
    deliver(shop, 2, "Berlin", "", "")
    text = (
        "null values of city must be less or equal to 50 percent of rows does not hold: .*"
        "; found 66.66666667 percent"
    )
    with pytest.raises(AuditFailed, match=text):
        shop.run()
    checks = shop.project.records.checks.read(check="half_are_known")
    assert {(each.status.value, each.dimension) for each in checks} == {
        ("passed", "completeness"),
        ("failed", "completeness"),
    }


def test_a_rule_that_tolerates_none_sends_its_rows_to_quarantine(shop: SmallProduct) -> None:
    ask(shop, NONE)
    deliver(shop, 1, "Berlin", "", "n/a")
    shop.release()
    assert cities(shop, "silver.shop__places") == ["Berlin"]
    # As they were delivered.
    assert cities(shop, "quarantine.shop__places") == ["", "n/a"]
