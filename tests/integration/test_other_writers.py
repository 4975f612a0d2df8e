"""Two runs at once, and a task of an older run: one of them writes."""

from __future__ import annotations

import pytest
from released_shop import tables
from small_product import PRODUCT, SmallProduct

from assay.domain import Layer
from assay.errors import (
    ProductBusy,
    RunSuperseded,
)
from assay.pipeline import (
    audit_layer,
    build_layer,
    pass_gate,
    publish_run,
    start_run,
)
from assay.pipeline.locks import product_lock


def test_a_product_that_is_being_written_is_busy(shop: SmallProduct) -> None:
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    before = shop.versions()
    with product_lock(shop.lake, PRODUCT, "another-run", 1), pytest.raises(ProductBusy) as busy:
        shop.run()
    assert "shop is being written by run another-run (process " in str(busy.value)
    assert "wait until it ends and try again" in str(busy.value)
    assert shop.versions() == before
    shop.release()
    assert shop.rows("silver.shop__prices") == [("ink", 2.0), ("pen", 9.0)]


def test_an_old_task_that_is_cleared_by_hand_writes_nothing(shop: SmallProduct) -> None:
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    assert start_run(shop.project, PRODUCT, "old").run is not None
    build_layer(shop.project, "old", Layer.BRONZE)
    audit_layer(shop.project, "old", Layer.BRONZE)
    newer = shop.release()
    before, seen = shop.versions(), tables(shop)
    project = shop.project
    for task in (
        lambda: start_run(project, PRODUCT, "old"),
        lambda: build_layer(project, "old", Layer.BRONZE),
        lambda: build_layer(project, "old", Layer.SILVER),
        lambda: audit_layer(project, "old", Layer.SILVER),
        lambda: build_layer(project, "old", Layer.GOLD),
        lambda: pass_gate(project, "old"),
        lambda: publish_run(project, "old"),
        lambda: build_layer(project, newer.run_id, Layer.GOLD),
    ):
        with pytest.raises(RunSuperseded) as over:
            task()
        assert "this stage wrote nothing" in str(over.value) or "is over" in str(over.value)
    assert {k for k, v in shop.versions().items() if v != before[k]} == {"_assay/stage_events"}
    assert tables(shop) == seen
    before = shop.versions()
    assert publish_run(project, newer.run_id) == newer
    assert shop.versions() == before
    assert project.releases.current(PRODUCT) == newer
