"""Run by run or all at once, the same deliveries end in the same tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_product import ENTITIES, GOLD, Rows, SmallProduct, make_small_product

Files = dict[str, str]

HEADERS = {
    name: ",".join(column for column, _, _ in entity.columns) + "\n"
    for name, entity in ENTITIES.items()
}
FIXED: list[Files] = [
    {
        "clicks": "2024-01-01T00:00:00Z,home,1\n2024-01-01T00:00:00Z,home,1\n",
        "orders": "1,pen,1.50\n2,ink,-1\n1,pen,1.5\n",
        "stock": "pen,north,1,2024-01-05T00:00:00Z\nink,,2,2024-01-01T00:00:00Z\n",
        "prices": "pen,1\nink,2\npen,1\n",
        "places": "north,Oslo\nsouth,Rome\nnorth,Paris\n",
    },
    {
        "clicks": "2024-01-01T00:00:00Z,cart,2\n",
        "orders": "1,pen,9\n3,cap,3\n2,ink,2\n",
        "stock": "pen,north,7,2024-01-03T00:00:00Z\npen,south,3,\n",
        "prices": "ink,3\npen,x\n",
        "places": "",
    },
    {
        "clicks": "2024-01-01T00:00:00Z,home,1\n2024-01-01T00:00:00Z,home,1\n",
        "orders": "3,cap,3.00\n",
        "stock": "pen,south,4,2024-01-01T00:00:00Z\npen,north,8,2024-01-06T00:00:00Z\n",
        "prices": "ink,2\n",
        "places": "west,Lima\n",
    },
]


def everything(shop: SmallProduct) -> dict[str, Rows]:
    found = {f"gold.{name}": shop.rows(f"gold.{name}") for name in GOLD}
    for name in ENTITIES:
        found[f"silver.{name}"] = shop.rows(f"silver.shop__{name}")
        found[f"quarantine.{name}"] = shop.quarantined(name)
        found[f"bronze.{name}"] = shop.rows(f"bronze.bronze_shop__{name}", "_load_id, _row_number")
    return found


def deliver(shop: SmallProduct, number: int, files: Files) -> None:
    for table, rows in files.items():
        shop.deliver(table, f"{number:02d}.csv", HEADERS[table] + rows, number)


def check(shop: SmallProduct, batches: list[Files]) -> None:
    """Run after each batch; then rebuild; then run all of it at once in a new lake."""
    for number, files in enumerate(batches):
        deliver(shop, number, files)
        shop.release()
    by_run = everything(shop)
    assert shop.run(is_full_refresh=True).release is not None
    assert everything(shop) == by_run
    shutil.rmtree(shop.lake)
    shop.release()
    at_once = everything(shop)
    for name in at_once:
        if not name.startswith("bronze."):  # load ids follow the order of landing
            assert at_once[name] == by_run[name], name


@pytest.mark.soak
def test_incremental_runs_a_rebuild_and_one_run_of_all_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(make_small_product(tmp_path, monkeypatch), FIXED)


def lines(*columns: list[str]) -> st.SearchStrategy[str]:
    row = st.tuples(*(st.sampled_from(each) for each in columns)).map(",".join)
    return st.lists(row, max_size=4).map(lambda rows: "".join(f"{each}\n" for each in rows))


DAYS = [f"2024-01-0{day}T00:00:00Z" for day in (1, 2, 3)]
batches = st.lists(
    st.fixed_dictionaries(
        {
            "clicks": lines(DAYS, ["home", "cart"], ["1", "2", "x"]),
            "orders": lines(["1", "2", "3", ""], ["pen", "ink"], ["1", "2.5", "-1"]),
            "stock": lines(["pen", "ink"], ["north", "south"], ["1", "2", "x"], [*DAYS, ""]),
            "prices": lines(["pen", "ink", ""], ["1", "2", "x"]),
            "places": lines(["north", "south"], ["Oslo", "Rome"]),
        }
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.soak
@settings(
    max_examples=15,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(batches=batches)
def test_any_deliveries_agree(
    tmp_path_factory: pytest.TempPathFactory, batches: list[Files]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        check(make_small_product(tmp_path_factory.mktemp("shop"), patch), batches)
