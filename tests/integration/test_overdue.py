"""Tables that nobody delivers any more: noticed by runs and by status, warned of or stopped."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from kept_product import KeptProduct, keep_product
from small_product import SmallProduct, make_small_product

from assay.cli.main import run as command_line
from assay.config import read_settings
from assay.domain import StageState
from assay.errors import ContractError, LoadRefused, TablesOverdue
from assay.pipeline import Project, RunOutcome, open_project, overdue, run_product
from assay.pipeline.explain import explain_run
from assay.pipeline.locks import read_holder
from assay.pipeline.overdue import find_overdue
from assay.pipeline.rollback import roll_back
from assay.pipeline.status import read_status
from assay.records import RecordTable
from webhook import open_webhook

START = datetime(2024, 3, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
CLICKS = "at,page,visits\n2024-03-01T05:00:00Z,home,1\n"
PRICES = "sku,price\na,1\n"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> KeptProduct:
    """Clicks, which have service levels, and prices, which have none, released once."""

    def begin(shop: SmallProduct) -> None:
        promise(shop, latency("clicks.at", 2), latency("", 3), frequency(1))
        shop.deliver("clicks", "1.csv", CLICKS)
        shop.deliver("prices", "1.csv", PRICES)
        assert at(shop, START).release is not None

    return keep_product(tmp_path_factory.mktemp("overdue"), begin, ("clicks", "prices"))


@pytest.fixture
def shop(begun: KeptProduct, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    return begun.put_back(monkeypatch)


def latency(element: str, days: int, **more: object) -> dict[str, object]:
    of = {"element": element} if element else {}
    return {"property": "latency", "value": days, "unit": "d", **of, **more}


def frequency(days: int, **more: object) -> dict[str, object]:
    return {"property": "frequency", "value": days, "unit": "d", "valueExt": 1, **more}


CRITICAL = {"customProperties": [{"property": "severity", "value": "critical"}]}


def promise(shop: SmallProduct, *levels: dict[str, object], table: str = "clicks") -> None:
    path = shop.contract_path(table)
    document = yaml.safe_load(path.read_text("utf-8"))
    document["slaProperties"] = list(levels)
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    shop.compile()


def add_rates(shop: SmallProduct, *levels: dict[str, object]) -> None:
    """Add a table like prices of which nothing was delivered."""
    prices = shop.contract_path("prices").read_text("utf-8")
    shop.contract_path("rates").write_text(prices.replace("prices", "rates"), "utf-8")
    model = shop.model_path("stg_shop__prices")
    rates = model.with_name("stg_shop__rates.sql")
    rates.write_text(model.read_text("utf-8").replace("prices", "rates"), "utf-8")
    promise(shop, *levels, table="rates")


def project(now: datetime) -> Project:
    return open_project(read_settings(), lambda: now)


def at(shop: SmallProduct, now: datetime) -> RunOutcome:
    return run_product(project(now), "shop")


AGE = "silver.shop__clicks is overdue: its newest at is {} d old; at most 2 d was agreed"
TAKEN = (
    "silver.shop__clicks is overdue: its newest _ingested_at is {} d old; at most 3 d was agreed"
)
UNTOLD = (
    "silver.shop__rates is overdue: no value of _ingested_at tells its age; at most 1 d was agreed"
)
MISSED = "shop.clicks is overdue: it was last delivered {} d ago; a delivery every 1 d was agreed"


def test_what_is_delivered_in_time_is_not_overdue(shop: SmallProduct) -> None:
    assert find_overdue(project(START + 1.5 * DAY), "shop", START + 1.5 * DAY) == ()


def test_a_table_that_no_run_touches_is_judged_in_each_run(shop: SmallProduct) -> None:
    idle = at(shop, START + 2 * DAY)
    assert idle.release is None
    assert idle.started.warnings == (AGE.format("2.042"), MISSED.format("2"))
    shop.deliver("prices", "2.csv", "sku,price\na,2\n", 1)
    later = at(shop, START + 4 * DAY)
    assert later.release is not None
    assert later.started.warnings == (AGE.format("4.042"), TAKEN.format("4"), MISSED.format("4"))


def test_a_wrong_date_in_the_future_keeps_no_promise(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    promise(shop, latency("clicks.at", 2))
    shop.deliver("clicks", "2.csv", CLICKS.replace("2024", "2025"), 1)
    for days in (0.5, 1, 4):
        at(shop, START + days * DAY)
    ahead = AGE.replace("is {} d old", "lies in the future: 364 d from now")
    assert told == [(ahead,)]


def test_a_table_that_comes_in_is_judged_by_its_audit_alone(shop: SmallProduct) -> None:
    shop.deliver("clicks", "2.csv", CLICKS.replace("home", "cart"), 1)
    outcome = at(shop, START + 4 * DAY)
    assert outcome.started.warnings == ()
    (check,) = shop.project.records.checks.read(
        run_id=outcome.run_id, check="freshness", column="at"
    )
    assert check.status == "failed"
    assert outcome.release is not None


def test_status_explain_and_summary_say_it(shop: SmallProduct) -> None:
    now = project(START + 4 * DAY)
    expected = (AGE.format("4.042"), TAKEN.format("4"), MISSED.format("4"))
    assert read_status(now, "shop").warnings == expected
    assert explain_run(now, "latest").warnings == expected
    # The commands ask the machine's own clock, by which all this was years ago.
    for arguments in (
        ["status", "shop"],
        ["explain", "latest"],
        ["summary", "shop"],
        ["run", "shop"],
    ):
        result = CliRunner().invoke(command_line, arguments)
        assert result.exit_code == 0
        assert "shop.clicks is overdue: it was last delivered" in result.stdout


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What notifications said was overdue, in order; none of them is sent."""
    found: list[tuple[str, ...]] = []

    def take(url: str, *, overdue: Sequence[str], **_: object) -> bool:
        found.append(tuple(overdue))
        return True

    monkeypatch.setenv("ASSAY_WEBHOOK_URL", "http://127.0.0.1:9/hook")
    monkeypatch.setattr(overdue, "notify_overdue", take)
    return found


def test_people_are_told_once_of_each_table(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    for days in (1, 2, 2.5, 4):
        at(shop, START + days * DAY)
    assert told == [
        (AGE.format("2.042"), MISSED.format("2")),
        (TAKEN.format("4"),),
    ]


def test_people_are_told_once_though_the_run_is_refused(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    shop.deliver("prices", "2.csv", "price\n2\n", 1)
    for days in (2, 2.5):
        with pytest.raises(LoadRefused):
            at(shop, START + days * DAY)
    assert told == [(AGE.format("2.042"), MISSED.format("2"))]


def test_people_are_told_though_the_run_before_failed_before_it_looked(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    path = shop.suite_path("shop__prices")
    suite = path.read_text("utf-8")
    path.unlink()
    with pytest.raises(ContractError, match="compiled"):
        at(shop, START + 2 * DAY)
    path.write_text(suite, "utf-8")
    at(shop, START + 2.5 * DAY)
    assert told == [(AGE.format("2.542"), MISSED.format("2.5"))]


def test_people_are_told_of_what_a_rollback_made_overdue(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    shop.deliver("clicks", "2.csv", CLICKS.replace("03-01", "03-02"), 1)
    at(shop, START + 1.8 * DAY)
    at(shop, START + 2.8 * DAY)
    assert told == []
    roll_back(project(START + 2.9 * DAY), "shop", to=1, reason="wrong", actor="a")
    at(shop, START + 2.9 * DAY)
    assert told == [(AGE.format("2.942"),)]


def test_a_rollback_does_not_tell_again_what_is_overdue_still(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    shop.deliver("prices", "2.csv", "sku,price\na,2\n", 1)
    for days in (2, 2.5):
        at(shop, START + days * DAY)
    first = [(AGE.format("2.042"), MISSED.format("2"))]
    assert told == first
    roll_back(project(START + 2.6 * DAY), "shop", to=1, reason="wrong", actor="a")
    at(shop, START + 2.7 * DAY)
    assert told == first


def test_people_are_told_of_a_service_level_that_is_broken_when_it_is_promised(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    promise(shop, frequency(9))
    at(shop, START + DAY)
    at(shop, START + 4 * DAY)
    assert told == []
    promise(shop, frequency(1))
    for days in (4.1, 4.2):
        at(shop, START + days * DAY)
    assert told == [(MISSED.format("4.1"),)]


def test_a_table_whose_age_nothing_tells_is_told_once_whatever_is_released(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    promise(shop, latency("", 9))
    add_rates(shop, latency("", 1))
    at(shop, START + DAY / 2)
    for days in (1, 2):
        shop.deliver("prices", f"{days}.csv", f"sku,price\na,{days}\n", days)
        assert at(shop, START + days * DAY).release is not None
    assert told == [(UNTOLD,)]


def test_what_a_webhook_did_not_take_the_next_run_tells(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_webhook() as webhook:
        monkeypatch.setenv("ASSAY_WEBHOOK_URL", webhook.url)
        for status, days in ((500, 2), (200, 2.5), (200, 2.6)):
            webhook.status = status
            at(shop, START + days * DAY)
        assert [each["what"] for each in webhook.received] == [
            f"{AGE.format('2.042')}; {MISSED.format('2')}",
            f"{AGE.format('2.542')}; {MISSED.format('2.5')}",
        ]


def test_what_was_sent_before_a_kill_and_not_recorded_is_told_again(
    shop: SmallProduct, told: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    append = RecordTable.append

    def die_at_notice(table: RecordTable[Any], records: Sequence[Any]) -> None:
        if table.path.name == "overdue_notices":
            raise KeyboardInterrupt
        append(table, records)

    with monkeypatch.context() as patch:
        patch.setattr(RecordTable, "append", die_at_notice)
        with pytest.raises(KeyboardInterrupt):
            at(shop, START + 2 * DAY)
    at(shop, START + 2.5 * DAY)
    assert told == [
        (AGE.format("2.042"), MISSED.format("2")),
        (AGE.format("2.542"), MISSED.format("2.5")),
    ]


def test_a_record_that_cannot_be_written_costs_a_warning(
    shop: SmallProduct, told: list[tuple[str, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    (shop.lake / "_assay/overdue_notices").write_text("in the way")
    assert at(shop, START + 2 * DAY).release is None
    assert "notification_failed" in caplog.text


@pytest.mark.parametrize("is_refused", [False, True])
def test_people_are_told_when_the_product_can_be_written_again(
    shop: SmallProduct, monkeypatch: pytest.MonkeyPatch, is_refused: bool
) -> None:
    if is_refused:
        shop.deliver("prices", "2.csv", "price\n2\n", 1)
    else:
        shop.deliver("prices", "2.csv", "sku,price\na,2\n", 1)
    seen: list[tuple[str, int]] = []

    def look(url: str, *, run_id: str, **_: object) -> bool:
        seen.append((read_holder(shop.lake, "shop"), len(shop.project.records.events_of(run_id))))
        return True

    monkeypatch.setenv("ASSAY_WEBHOOK_URL", "http://127.0.0.1:9/hook")
    monkeypatch.setattr(overdue, "notify_overdue", look)
    with pytest.raises(LoadRefused) if is_refused else nullcontext():
        at(shop, START + 2 * DAY)
    # Its end, or its plan, is recorded by then.
    assert seen == [("", 1)]


def test_what_stops_the_run_is_told_by_its_failure_and_the_rest_beside_it(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    promise(shop, latency("clicks.at", 2), frequency(1, **CRITICAL))
    at(shop, START + DAY)
    for days in (2, 2.5):
        with pytest.raises(TablesOverdue, match="a delivery every 1 d was agreed"):
            at(shop, START + days * DAY)
    assert told == [(AGE.format("2.042"),)]


def test_what_would_stop_the_run_is_told_where_the_run_stops_for_another_reason(
    shop: SmallProduct, told: list[tuple[str, ...]]
) -> None:
    promise(shop, frequency(1, **CRITICAL))
    at(shop, START + DAY)
    shop.deliver("prices", "2.csv", "price\n2\n", 1)
    for days in (2, 2.5):
        with pytest.raises(LoadRefused):
            at(shop, START + days * DAY)
    assert told == [(MISSED.format("2"),)]


@pytest.mark.parametrize("level", [latency("clicks.at", 2, **CRITICAL), frequency(1, **CRITICAL)])
def test_a_critical_service_level_stops_the_run(
    shop: SmallProduct, level: dict[str, object]
) -> None:
    promise(shop, level)
    assert at(shop, START + DAY).release is not None
    shop.deliver("prices", "2.csv", "sku,price\na,2\n", 1)
    before = shop.data_versions()
    with pytest.raises(TablesOverdue, match="clicks is overdue"):
        at(shop, START + 3 * DAY)
    assert shop.data_versions() == before
    events = shop.project.records.events.read(product="shop", state=StageState.FAILED)
    assert [event.error_code for event in events] == ["overdue"]
    # Delivered again it goes on, and the load that waited comes with it.
    shop.deliver("clicks", "3.csv", CLICKS.replace("03-01", "03-04"), 2)
    release = at(shop, START + 3 * DAY).release
    assert release is not None
    assert len(release.loads) == 4


def test_a_critical_one_stops_a_run_with_nothing_to_do_too(
    shop: SmallProduct,
) -> None:
    promise(shop, frequency(1, **CRITICAL))
    at(shop, START + DAY)
    with pytest.raises(TablesOverdue, match="a delivery every 1 d was agreed"):
        at(shop, START + 3 * DAY)


def test_a_table_that_was_never_delivered_is_overdue_from_its_first_release_on(
    shop: SmallProduct,
) -> None:
    add_rates(shop, frequency(1), latency("", 1))
    at(shop, START + DAY)
    assert _rates(START + 4 * DAY) == [
        UNTOLD,
        "shop.rates is overdue: it was not delivered in the 3 d since it is released; a delivery"
        " every 1 d was agreed",
    ]
    # Before it was in a release nobody was to deliver it.
    assert not [each for each in _rates(START + 2 * DAY) if "delivered" in each]


def _rates(now: datetime) -> list[str]:
    return [each.what for each in find_overdue(project(now), "shop", now) if "rates" in each.what]


def test_before_the_first_release_nothing_is_overdue(
    product_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = make_small_product(product_folder, monkeypatch, ("clicks",))
    promise(found, frequency(1, **CRITICAL))
    assert at(found, START).release is None
    assert read_status(project(START + 9 * DAY), "shop").warnings == ()
