"""Reading the lake as it was: by a release's number, or by a moment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from small_product import PRODUCT, SmallProduct, make_small_product

from assay.errors import ReleaseError
from assay.pipeline.query import open_query
from assay.pipeline.readers import open_reader

COUNT = "select count(*) from gold.fct_orders"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> SmallProduct:
    with pytest.MonkeyPatch.context() as patch:
        folder: Path = tmp_path_factory.mktemp("shop")
        shop = make_small_product(folder, patch, ("orders",))
        for number in (1, 2):
            text = f"order,item,price\n{number},pen,{number}\n"
            shop.deliver("orders", f"{number}.csv", text, number)
            shop.release()
        yield shop  # type: ignore[misc]


def count(shop: SmallProduct, as_of: str) -> int:
    with open_query(shop.project, COUNT, as_of=as_of) as result:
        row = result.fetchone()
    return int(row[0]) if row else -1


def test_by_number_and_by_moment(shop: SmallProduct) -> None:
    first, second = shop.project.releases.all(PRODUCT)
    assert [count(shop, each) for each in ("1", "2")] == [1, 2]
    assert count(shop, first.published_at_utc.isoformat()) == 1
    before = second.published_at_utc - timedelta(microseconds=1)
    assert count(shop, before.isoformat()) == 1
    assert count(shop, before.replace(tzinfo=None).isoformat()) == 1, "without an offset it is UTC"
    assert count(shop, second.published_at_utc.date().isoformat()) == 2, "a day means its end"


def test_two_reads_agree_while_the_table_goes_on(shop: SmallProduct) -> None:
    with open_reader(shop.project, as_of="2") as connection:
        before = connection.execute(COUNT).fetchone()
        shop.deliver("orders", "3.csv", "order,item,price\n3,pen,3\n", 3)
        shop.release()
        assert connection.execute(COUNT).fetchone() == before == (2,)


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        ("9", "has no release 9"),
        ("2000-01-01", "nothing was released by 2000-01-01 23:59:59 UTC"),
        ("²", "neither a release's number nor a moment"),
        ("yesterday", "neither a release's number nor a moment"),
    ],
)
def test_what_was_never_there_is_refused(shop: SmallProduct, as_of: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        count(shop, as_of)
