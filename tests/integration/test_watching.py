"""A watched table from delivery to release: odd days warn or stop, and are judged once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from small_product import ENTITIES, SmallProduct, make_small_product, write_contract

from assay.domain import DayMeasure
from assay.errors import AuditFailed

HEADER = "at,page,visits\n"
START = date(2024, 1, 1)
WATCH: dict[str, object] = {
    "day": "at",
    "measures": [
        {"measure": "nullShare", "column": "visits"},
        {"measure": "newCategories", "column": "page"},
    ],
}


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    found = make_small_product(product_folder, monkeypatch, ("clicks",))
    watch(found, WATCH)
    deliver(found, 0, range(40))
    return found


def watch(shop: SmallProduct, value: dict[str, object]) -> None:
    write_contract(shop.root, "clicks", replace(ENTITIES["clicks"], extra={"watch": value}))
    shop.compile()


def day(number: int) -> date:
    return START + timedelta(days=number)


def deliver(shop: SmallProduct, name: int, days: range, *, odd: bool = False) -> None:
    """Deliver twenty clicks of each day; on an odd one half of them are without a count."""
    rows = [
        f"{day(number)}T{hour:02d}:00:00Z,home,{'' if odd and hour % 2 else hour}\n"
        for number in days
        for hour in range(20)
    ]
    shop.deliver("clicks", f"{name:03d}.csv", HEADER + "".join(rows), name + 1)


def checks(shop: SmallProduct, run_id: str, suite: str) -> dict[str, tuple[str, str, str]]:
    found = sorted(
        shop.project.records.checks.read(run_id=run_id, suite=suite), key=lambda c: c.checked_at_utc
    )
    return {
        f"{c.check} {c.column}".strip(): (c.severity.value, c.status.value, c.observed)
        for c in found
    }


def odd_days(shop: SmallProduct, run_id: str) -> list[str]:
    found: list[DayMeasure] = shop.project.records.day_measures.read(run_id=run_id)
    return [f"{each.day} {each.check}" for each in found if each.is_anomaly]


def newest_run(shop: SmallProduct) -> str:
    return shop.project.records.runs_of("shop")[-1].run_id


def test_an_odd_day_is_a_warning_and_is_judged_once(shop: SmallProduct) -> None:
    first = shop.release()
    assert checks(shop, first.run_id, "anomaly") == {
        "null_share_by_day visits": (
            "warning", "passed", "40 new days, 35 of them with too little history",
        ),
        "new_categories_by_day page": (
            "warning", "passed", "40 new days, 14 of them with too little history",
        ),
    }  # fmt: skip
    deliver(shop, 1, range(40, 41), odd=True)
    second = shop.release()
    assert checks(shop, second.run_id, "anomaly")["null_share_by_day visits"] == (
        "warning",
        "failed",
        f"{day(40)}: 50.0% (usual 0.0%)",
    )
    assert odd_days(shop, second.run_id) == [f"{day(40)} null_share_by_day"]
    assert second.checks["warned"] == 1
    # The same day again, and one that comes late: that one alone is new.
    deliver(shop, 2, range(40, 41), odd=True)
    deliver(shop, 3, range(-1, 0), odd=True)
    third = shop.release()
    assert checks(shop, third.run_id, "anomaly")["null_share_by_day visits"] == (
        "warning",
        "passed",
        "1 new day, with too little history",
    )
    assert third.checks["warned"] == 0


def test_a_critical_measure_stops_every_run_until_a_person_accepts_the_day(
    shop: SmallProduct,
) -> None:
    critical = [{**each, "severity": "critical"} for each in WATCH["measures"]]  # type: ignore[attr-defined]
    watch(shop, {**WATCH, "measures": critical})
    first = shop.release()
    deliver(shop, 1, range(40, 41), odd=True)
    for _ in range(2):
        with pytest.raises(
            AuditFailed,
            match=r"null_share_by_day of visits is unlike the days(.|\n)*`acceptedDays`",
        ):
            shop.run()
        assert shop.project.releases.current("shop") == first
    watch(shop, {**WATCH, "measures": critical, "acceptedDays": [str(day(40))]})
    assert shop.release().checks["failed"] == 0


def test_a_day_without_a_row_stops_the_run_until_it_is_delivered_or_accepted(
    shop: SmallProduct,
) -> None:
    rows = {**WATCH, "measures": [{"measure": "rows", "severity": "critical"}]}
    watch(shop, rows)
    shop.release()
    deliver(shop, 1, range(41, 42))
    with pytest.raises(AuditFailed, match=rf"{day(40)}: 0 rows \(usual 20 rows\)"):
        shop.run()
    watch(shop, {**rows, "acceptedDays": [str(day(40))]})
    accepted = shop.release()
    assert checks(shop, accepted.run_id, "anomaly")["rows_by_day"] == (
        "critical", "passed", "1 new day",
    )  # fmt: skip
    watch(shop, rows)
    deliver(shop, 2, range(43, 44))
    deliver(shop, 3, range(42, 43))
    assert checks(shop, shop.release().run_id, "anomaly")["rows_by_day"][1:] == (
        "passed", "2 new days",
    )  # fmt: skip


def test_each_audit_leaves_its_measures_once_for_a_version(shop: SmallProduct) -> None:
    release = shop.release()
    measures = shop.project.records.measures.read(table="silver.shop__clicks")
    table = next(each for each in measures if not each.column)
    visits = next(each for each in measures if each.column == "visits")
    assert (table.rows, visits.nulls, visits.minimum, visits.maximum) == (800, 0, "0", "19")
    assert visits.quantiles["0.5"] == pytest.approx(9.5, abs=0.6)
    assert table.duration_seconds is not None
    bronze = shop.project.records.measures.read(table="bronze.bronze_shop__clicks")
    assert {(each.minimum, each.distinct) for each in bronze} == {(None, None)}
    # Audited again for a changed watch, at the same version: nothing is measured anew.
    watch(shop, {**WATCH, "settleDays": 1})
    again = shop.release()
    assert again.tables == release.tables
    assert checks(shop, again.run_id, "anomaly")["null_share_by_day visits"][2] == "no new day"
    assert shop.project.records.measures.read(table="silver.shop__clicks") == measures


def test_service_levels_are_checks_of_the_audit(shop: SmallProduct) -> None:
    path = shop.contract_path("clicks")
    document = yaml.safe_load(path.read_text("utf-8"))
    document["slaProperties"] = [
        {"property": "latency", "value": 1, "unit": "d", "element": "clicks.at"},
        {"property": "latency", "value": 1, "unit": "d"},
        {"property": "volume", "value": 800, "unit": "rows"},
        {
            "property": "completeness",
            "value": 100,
            "unit": "percent",
            "element": "visits",
            "customProperties": [{"property": "severity", "value": "critical"}],
        },
    ]
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    shop.compile()
    release = shop.release()
    found = checks(shop, release.run_id, "sla")
    assert {name: each[:2] for name, each in found.items()} == {
        "freshness at": ("warning", "failed"),
        "freshness _ingested_at": ("warning", "passed"),
        "volume": ("warning", "passed"),
        "completeness visits": ("critical", "passed"),
    }
    deliver(shop, 1, range(40, 41), odd=True)
    with pytest.raises(AuditFailed, match="completeness of visits is not as agreed"):
        shop.run()


def test_a_reference_that_no_day_has_stops_the_run(shop: SmallProduct) -> None:
    drift = {
        "measure": "drift",
        "column": "visits",
        "reference": {"from": "2023-01-01", "to": "2023-01-31"},
    }
    watch(shop, {**WATCH, "measures": [drift]})
    with pytest.raises(AuditFailed, match="no value from 2023-01-01 to 2023-01-31"):
        shop.run()
    assert checks(shop, newest_run(shop), "anomaly")["drift_by_day_psi visits"][1] == "errored"


def test_a_wrong_date_in_the_future_settles_no_day(shop: SmallProduct) -> None:
    watch(shop, {**WATCH, "settleDays": 1})
    wrong = f"{date(2100, 1, 1)}T00:00:00Z,home,1\n"
    shop.deliver("clicks", "wrong.csv", HEADER + wrong, 1)
    first = shop.release()
    observed = checks(shop, first.run_id, "anomaly")["null_share_by_day visits"][2]
    assert observed == "39 new days, 35 of them with too little history"
    deliver(shop, 2, range(40, 41), odd=True)
    deliver(shop, 3, range(41, 42))
    assert odd_days(shop, shop.release().run_id) == [f"{day(40)} null_share_by_day"]
