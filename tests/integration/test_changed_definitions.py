"""Edited models and contracts: what a run makes of them, and which it refuses."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from released_shop import BASE, tables
from small_product import PRODUCT, SmallProduct

from assay.cli.render import render_summary
from assay.cli.status import render_status
from assay.cli.story import tell
from assay.domain import Stage, StageState
from assay.errors import (
    BalanceError,
    ContractError,
    ReleaseError,
    SettingsError,
    TransformError,
)
from assay.pipeline import open_reader, read_table, run_product, start
from assay.pipeline.developer import developer_binding
from assay.pipeline.explain import explain_run
from assay.pipeline.rollback import roll_back
from assay.pipeline.run_states import RunState
from assay.pipeline.status import read_status
from assay.pipeline.summary import summarize_run
from assay.transform import DbtProject


def test_an_edited_model_is_rebuilt_with_no_delivery(shop: SmallProduct) -> None:
    path = shop.model_path("fct_orders")
    path.write_text("""select "order", (price * 2)::decimal(10, 2) as price
from {{ ref('shop__orders') }}""")
    before = shop.data_versions()
    outcome = shop.run()
    assert outcome.started.run is not None
    assert outcome.started.run.models == ("fct_orders",)
    assert tables(shop) == BASE | {"gold.fct_orders": [(1, Decimal(3)), (2, Decimal(4))]}
    changed = {k for k, v in shop.data_versions().items() if v != before[k]}
    assert changed == {"tables/gold/fct_orders"}


def test_a_run_without_loads_says_what_it_did(shop: SmallProduct) -> None:
    outcome = run_product(shop.project, PRODUCT, select="fct_orders")
    told = tell(explain_run(shop.project, outcome.run_id))
    why = "1 model rebuilt from nothing, with what they read or as asked for: fct_orders"
    assert why in told.splitlines()
    summary = render_summary(summarize_run(shop.project, outcome.run_id))
    assert "No load was taken in." in summary.splitlines()


def test_a_table_that_is_given_up_stays_readable_in_its_releases(shop: SmallProduct) -> None:
    shop.contract_path("agg_stock").unlink()
    shop.model_path("agg_stock").unlink()
    shop.compile()
    assert shop.release().number == 2
    with pytest.raises(ReleaseError, match=r"no release has a table gold\.agg_stock"):
        read_table(shop.project, "gold.agg_stock")
    assert read_table(shop.project, "gold.agg_stock", 1).num_rows == 2
    with pytest.raises(ReleaseError, match=r"release 2 of shop has no table gold\.agg_stock"):
        read_table(shop.project, "gold.agg_stock", 2)


@pytest.mark.parametrize("former", ["attic", "zoo"])
def test_a_table_of_a_product_that_was_given_up_is_its_new_owner_s(
    shop: SmallProduct, former: str
) -> None:
    first = shop.project.releases.get(PRODUCT, 1)
    table = {"gold.fct_orders": first.tables["gold.fct_orders"]}
    shop.project.releases.publish(replace(first, product=former, tables=table))
    shop.deliver("orders", "b.csv", "order,item,price\n3,cap,3\n", 1)
    shop.release()
    assert read_table(shop.project, "gold.fct_orders").num_rows == 3
    assert len(shop.rows("gold.fct_orders")) == 3
    bound = {str(each.table): each.version for each in developer_binding(shop.project).reads}
    assert bound["gold.fct_orders"] != table["gold.fct_orders"]
    with open_reader(shop.project, releases={former: 1}) as reader:
        assert reader.execute("select count(*) from gold.fct_orders").fetchall() == [(2,)]


def test_a_table_that_moved_stays_its_new_owner_s_whatever_the_former_publishes(
    shop: SmallProduct,
) -> None:
    """The former owner rolls back to a release that still had it, say."""
    shop.deliver("orders", "b.csv", "order,item,price\n3,cap,3\n", 1)
    release = shop.release()
    first = shop.project.releases.get(PRODUCT, 1)
    names = ("gold.fct_orders", "quarantine.shop__orders")
    old = {name: first.tables[name] for name in names}
    later = release.published_at_utc + timedelta(days=1)
    shop.project.releases.publish(
        replace(first, product="attic", tables=old, published_at_utc=later)
    )
    assert read_table(shop.project, "gold.fct_orders").num_rows == 3
    assert read_table(shop.project, "gold.fct_orders", 2).num_rows == 3
    assert len(shop.rows("gold.fct_orders")) == 3
    bound = {str(each.table): each.version for each in developer_binding(shop.project).reads}
    assert {name: bound[name] for name in names} == {n: release.tables[n] for n in names}
    with open_reader(shop.project, releases={"attic": 1}) as reader:
        assert reader.execute("select count(*) from gold.fct_orders").fetchall() == [(2,)]
    # Of a table that no contract has the later release counts.
    shop.contract_path("fct_orders").unlink()
    assert read_table(shop.project, "gold.fct_orders").num_rows == 2


def test_a_product_without_contracts_does_not_start(shop: SmallProduct) -> None:
    shutil.rmtree(shop.root / "contracts" / PRODUCT)
    before = shop.versions()
    with pytest.raises(ContractError, match="the product 'shop' has no contract"):
        shop.run()
    assert {k for k, v in shop.versions().items() if v != before[k]} <= {"_assay/stage_events"}


def test_a_run_that_cannot_read_a_contract_is_explained_and_listed(shop: SmallProduct) -> None:
    path = shop.contract_path("orders")
    path.write_text(f"{path.read_text()}\ngarbage: [\n")
    with pytest.raises(ContractError) as refused:
        shop.run()
    (event,) = shop.project.records.events.read(product=PRODUCT, state=StageState.FAILED)
    assert (event.stage, event.message) == (Stage.LAND, str(refused.value))
    told = tell(explain_run(shop.project, event.run_id))
    assert f"Run {event.run_id} of shop failed in land and published nothing" in told
    newest, published = read_status(shop.project, PRODUCT).runs
    assert (newest.run_id, newest.standing.state, newest.error) == (
        event.run_id,
        RunState.FAILED,
        str(refused.value),
    )
    assert published.release == 1
    assert read_status(shop.project, PRODUCT, newest_runs=1).runs == (newest,)
    assert refused.value.what in render_status(read_status(shop.project, PRODUCT))
    path.write_text(path.read_text().replace("\ngarbage: [\n", ""))
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    shop.release()
    status = render_status(read_status(shop.project, PRODUCT))
    assert event.run_id in status
    assert refused.value.what not in status


def test_a_start_that_ends_in_an_unexpected_error_is_recorded(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(start, "land", fail)
    with pytest.raises(OSError, match="no space left"):
        shop.run()
    (event,) = shop.project.records.events.read(product=PRODUCT, state=StageState.FAILED)
    assert (event.stage, event.message) == (Stage.LAND, "OSError: no space left")


def test_an_error_at_the_start_is_told_until_a_later_run_starts(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wait in ("soon", "later"):
        with monkeypatch.context() as patch:
            patch.setenv("ASSAY_LOCK_WAIT_SECONDS", wait)
            with pytest.raises(SettingsError):
                shop.run()
        told = render_status(read_status(shop.project, PRODUCT))
        assert f"ASSAY_LOCK_WAIT_SECONDS is '{wait}'" in told
        shop.run()
    status = read_status(shop.project, PRODUCT)
    states = [RunState.FAILED, RunState.FAILED, RunState.PUBLISHED]
    assert [each.standing.state for each in status.runs] == states
    assert [each.is_over for each in status.runs] == [True, True, True]
    assert "ASSAY_LOCK_WAIT_SECONDS" not in render_status(status)


def test_a_run_on_a_selection_gets_past_no_source_that_failed(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the source is away")

    def told() -> str:
        return render_status(read_status(shop.project, PRODUCT))

    with monkeypatch.context() as patch:
        patch.setattr(start, "land", fail)
        with pytest.raises(OSError, match="away"):
            shop.run()
    assert "the source is away" in told()
    # One that publishes, one with nothing to do, and going back: none reads the source.
    release = run_product(shop.project, PRODUCT, select="fct_orders").release
    assert release is not None
    assert "the source is away" in told()
    monkeypatch.setattr(DbtProject, "select", lambda *_: [])
    assert run_product(shop.project, PRODUCT, select="fct_other").release is None
    assert "the source is away" in told()
    assert "Nothing new" not in told()
    roll_back(shop.project, PRODUCT, to=1, reason="wrong", actor="a")
    assert "the source is away" in told()
    shop.run()
    assert "the source is away" not in told()


def test_a_run_on_the_same_selection_gets_past_what_failed(shop: SmallProduct) -> None:
    path = shop.model_path("fct_orders")
    text = path.read_text()
    path.write_text("select 1 as no_column of_the_contract from")
    failed = "the model fct_orders failed"
    with pytest.raises(TransformError, match=failed):
        run_product(shop.project, PRODUCT, select="fct_orders")
    assert failed in render_status(read_status(shop.project, PRODUCT))
    path.write_text(text)
    run_product(shop.project, PRODUCT, select="fct_orders")
    assert failed not in render_status(read_status(shop.project, PRODUCT))


def test_a_setting_that_stops_the_start_is_recorded(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_LOCK_WAIT_SECONDS", "soon")
    with pytest.raises(SettingsError):
        shop.run()
    (event,) = shop.project.records.events.read(product=PRODUCT, state=StageState.FAILED)
    assert event.error_code == "settings"
    with pytest.raises(ReleaseError, match=r"ended at its start: it took nothing in"):
        shop.project.records.get_run(event.run_id)


def test_status_says_that_nothing_new_was_found_only_while_that_is_so(shop: SmallProduct) -> None:
    shop.run()
    assert "Nothing new was found at" in render_status(read_status(shop.project, PRODUCT))
    shop.deliver("prices", "b.csv", "sku,price\npen,9\n", 1)
    shop.release()
    assert "Nothing new" not in render_status(read_status(shop.project, PRODUCT))


def test_an_edited_contract_that_is_not_compiled_is_refused(shop: SmallProduct) -> None:
    path = shop.contract_path("orders")
    path.write_text(path.read_text().replace("minimum: 0", "minimum: 2"))
    before = shop.versions()
    with pytest.raises(ContractError) as refused:
        shop.run()
    assert "int_shop__orders_checked.sql" in str(refused.value)
    assert "assay contracts compile shop" in str(refused.value)
    assert {k for k, v in shop.versions().items() if v != before[k]} <= {"_assay/stage_events"}
    shop.compile()
    shop.release()
    assert shop.rows("silver.shop__orders") == [(2, "ink", Decimal(2))]
    assert shop.quarantined("orders") == [("a.csv", 1, ["price_minimum"])]


@pytest.mark.parametrize(
    "change",
    ["where price < 3", "cross join (values (1), (2)) as twice(n)"],
    ids=["loses", "doubles"],
)
def test_a_model_that_loses_or_doubles_rows_is_not_released(
    shop: SmallProduct, change: str
) -> None:
    shop.deliver("orders", "b.csv", "order,item,price\n3,cap,3\n", 1)
    path = shop.model_path("stg_shop__orders")
    text = path.read_text()
    path.write_text(text.replace("from source", f"from source {change}"))
    with pytest.raises(BalanceError) as lost:
        shop.run()
    assert "b.csv" in str(lost.value) or "a.csv" in str(lost.value)
    assert "let it keep each row once" in str(lost.value)
    assert tables(shop) == BASE
    path.write_text(text)
    shop.release()
    assert shop.rows("gold.fct_orders") == [*BASE["gold.fct_orders"], (3, Decimal(3))]


def test_a_column_that_the_staging_model_lacks_is_added_there(shop: SmallProduct) -> None:
    path = shop.model_path("stg_shop__clicks")
    path.write_text(path.read_text().replace('"visits",', ""))
    with pytest.raises(TransformError, match="visits") as failed:
        shop.run()
    assert "the model int_shop__clicks_checked" in failed.value.what
    assert failed.value.todo.startswith(
        "int_shop__clicks_checked is compiled: mend the model stg_shop__clicks,"
        " or its contract contracts/shop/clicks.odcs.yaml, and run again"
    )
    assert tables(shop) == BASE


def test_a_model_that_loses_one_row_and_doubles_another_is_not_released(
    shop: SmallProduct,
) -> None:
    shop.deliver("clicks", "b.csv", "at,page,visits\n2024-01-02,a,1\n2024-01-02,b,1\n", 1)
    path = shop.model_path("stg_shop__clicks")
    twice = "from (from source where _row_number = 1 union all from source where _row_number = 1)"
    path.write_text(path.read_text().replace("from source", twice))
    with pytest.raises(BalanceError) as lost:
        shop.run()
    assert "row numbers are missing, and others stand more than once" in str(lost.value)
    assert tables(shop) == BASE


def test_a_selection_of_another_product_s_models_is_refused(shop: SmallProduct) -> None:
    other = shop.root / "dbt_project" / "models" / "gold" / "report"
    other.mkdir()
    (other / "agg_report.sql").write_text("select 1 as one")
    with pytest.raises(TransformError, match="means no model of shop, but of report"):
        run_product(shop.project, PRODUCT, select="agg_report")


def test_a_model_that_reads_a_seed_is_told_what_to_read(shop: SmallProduct) -> None:
    seeds = shop.root / "dbt_project" / "seeds"
    seeds.mkdir()
    (seeds / "regions.csv").write_text("place,region\nnorth,Norte\n")
    path = shop.model_path("agg_stock")
    path.write_text(f"{path.read_text()} -- {{{{ ref('regions') }}}}")
    with pytest.raises(TransformError, match="agg_stock reads the seed regions") as refused:
        shop.run()
    assert "deliver those rows as a table of a contract" in refused.value.todo
    assert tables(shop) == BASE


def test_a_selection_is_rebuilt_with_all_that_follows_from_it(shop: SmallProduct) -> None:
    path = shop.model_path("stg_shop__clicks")
    path.write_text(path.read_text().replace('"visits",', '"visits" * 10 as "visits",'))
    outcome = run_product(shop.project, PRODUCT, select="shop__clicks")
    assert outcome.release is not None
    assert shop.rows("gold.agg_clicks") == [("cart", 10), ("home", 30)]
    assert shop.run().release is None


def test_a_view_is_there_for_each_run_that_reads_it(shop: SmallProduct) -> None:
    """Also where it is of another layer, or nothing that it reads has changed."""
    models = shop.root / "dbt_project" / "models"
    for folder, view, read in (("silver", "int_stock", "stock"), ("gold", "v_places", "places")):
        text = f"{{{{ config(materialized='view') }}}} from {{{{ ref('shop__{read}') }}}}"
        (models / folder / PRODUCT / f"{view}.sql").write_text(text)
    path = shop.model_path("agg_stock")
    text = path.read_text().replace("shop__stock", "int_stock")
    path.write_text(text.replace("shop__places", "v_places"))
    shop.release()
    assert tables(shop) == BASE
    shop.deliver(
        "stock", "b.csv", "sku,place,qty,changed_at\ncap,north,5,2024-01-09T00:00:00Z\n", 1
    )
    outcome = shop.run()
    assert outcome.started.run is not None
    assert "v_places" not in outcome.started.run.models
    assert shop.rows("gold.agg_stock") != BASE["gold.agg_stock"]
