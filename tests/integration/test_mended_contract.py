"""A refused delivery and a contract that is mended: the next run takes it, unless it is skipped."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from released_shop import BASE, JANUARY
from small_product import PRODUCT, SmallProduct

from assay.errors import LoadRefused
from assay.pipeline.load_holds import list_loads, resume_loads

CUT = "order,item,price\n3,cap,3"
TAKEN = [*BASE["silver.shop__orders"], (3, "cap", Decimal(3))]


def _mend(shop: SmallProduct, table: str = "orders") -> None:
    path = shop.contract_path(table)
    document = yaml.safe_load(path.read_text())
    document["schema"][0]["customProperties"].append(
        {"property": "finalLineBreak", "value": "optional"}
    )
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    shop.compile()


def _dispositions(shop: SmallProduct) -> list[str]:
    standings = list_loads(shop.project, PRODUCT)
    return [each.disposition for each in standings if each.load.table == "orders"]


def test_a_refused_file_is_taken_when_its_contract_is_mended(shop: SmallProduct) -> None:
    shop.deliver("orders", "cut.csv", CUT, 1)
    for _ in range(2):
        with pytest.raises(LoadRefused):
            shop.run()
    assert _dispositions(shop) == ["released", "refused"]
    _mend(shop)
    shop.release()
    assert _dispositions(shop) == ["released", "answered", "released"]
    assert shop.rows("silver.shop__orders") == TAKEN


def test_a_table_without_key_takes_the_bytes_that_were_refused(shop: SmallProduct) -> None:
    shop.deliver("clicks", "cut.csv", "at,page,visits\n2024-01-01T00:00:00Z,home,4", 1)
    with pytest.raises(LoadRefused):
        shop.run()
    _mend(shop, "clicks")
    shop.release()
    expected = sorted([*BASE["silver.shop__clicks"], (JANUARY, "home", 4)])
    assert shop.rows("silver.shop__clicks") == expected


def test_a_skipped_file_is_taken_when_it_is_resumed(shop: SmallProduct) -> None:
    shop.deliver("orders", "cut.csv", CUT, 1)
    with pytest.raises(LoadRefused):
        shop.run()
    refused = shop.loads("orders")[-1].load_id
    shop.skip(refused)
    _mend(shop)
    shop.run()
    assert _dispositions(shop) == ["released", "skipped"]
    resume_loads(shop.project, PRODUCT, [refused], actor="a test")
    shop.release()
    assert _dispositions(shop) == ["released", "answered", "released"]
    assert shop.rows("silver.shop__orders") == TAKEN
