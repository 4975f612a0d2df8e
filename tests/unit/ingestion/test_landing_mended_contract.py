"""A refused delivery is judged again by the contract of now, though the source has not changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from landing_harness import DELIVERED, NOW, Landing, make_contract

from assay.domain import DeliveryMode, Load, LoadStatus
from assay.ingestion import find_unanswered_refusals

CUT = b"a,b\n1,2"
DAY = timedelta(days=1)


def _mend(landing: Landing, **contract: object) -> None:
    landing.contract = replace(landing.contract, is_final_line_break_optional=True, **contract)


def _statuses(landing: Landing) -> list[tuple[str, LoadStatus]]:
    loads = landing.ledger.of_table("shop", "orders")
    return [(load.source_name.rsplit("/", 1)[1], load.status) for load in loads]


def test_a_refused_file_lands_when_its_contract_is_mended(landing: Landing) -> None:
    refused = landing.land_one(CUT)
    _mend(landing)

    (landed,) = landing.land(NOW + DAY)

    assert landed == Load(
        load_id=f"shop-000002-{refused.sha256[:8]}",
        product="shop",
        table="orders",
        status=LoadStatus.LANDED,
        source="till",
        source_name=refused.source_name,
        delivered_at_utc=DELIVERED,
        landed_at_utc=NOW + DAY,
        sha256=refused.sha256,
        size_bytes=7,
        row_count=1,
        landed_path=refused.landed_path,
        columns=("a", "b"),
        names=("lake_a", "lake_b"),
    )
    assert landing.bytes_of(landed) == CUT
    assert find_unanswered_refusals(landing.ledger.of_table("shop", "orders")) == []
    assert landing.land(NOW + 2 * DAY) == []


def test_a_refusal_that_stands_is_recorded_once(landing: Landing) -> None:
    refused = landing.land_one(CUT)

    assert [landing.land(NOW + days * DAY) for days in (1, 2)] == [[], []]
    assert landing.ledger.all("shop") == [refused]


def test_a_refusal_for_another_reason_is_recorded_once(landing: Landing) -> None:
    first = landing.land_one(CUT)
    landing.contract = make_contract("a", "b", "c")
    _mend(landing)

    (second,) = landing.land(NOW + DAY)

    assert "no line break after the last line" in first.reason
    assert "column 'c' is missing" in second.reason
    assert landing.land(NOW + 2 * DAY) == []
    landing.contract = make_contract("a", "b")
    _mend(landing)
    assert [load.status for load in landing.land(NOW + 3 * DAY)] == [LoadStatus.LANDED]
    assert find_unanswered_refusals(landing.ledger.all("shop")) == []


def test_what_a_person_skipped_is_left_until_it_is_resumed(landing: Landing) -> None:
    refused = landing.land_one(CUT)
    _mend(landing)

    assert landing.land(NOW + DAY, skipped={refused.load_id}) == []
    assert [load.status for load in landing.land(NOW + 2 * DAY)] == [LoadStatus.LANDED]


def test_an_answered_refusal_is_not_judged_again(landing: Landing) -> None:
    landing.land_one(CUT)
    landing.deliver("orders.csv", b"a,b\n1,3\n", DELIVERED + DAY)
    landing.land(NOW + DAY)
    landing.deliver("orders.csv", CUT)
    _mend(landing)

    assert landing.land(NOW + 2 * DAY) == []


@pytest.mark.parametrize(
    ("mode", "ordering", "is_taken"),
    [
        (DeliveryMode.APPEND, "", True),
        (DeliveryMode.UPSERT, "lake_b", True),
        (DeliveryMode.UPSERT, "", False),
        (DeliveryMode.SNAPSHOT, "", False),
    ],
)
def test_old_rows_do_not_overtake_a_later_delivery(
    landing: Landing, mode: DeliveryMode, ordering: str, is_taken: bool
) -> None:
    landing.deliver("january.csv", CUT, DELIVERED)
    landing.deliver("march.csv", CUT, DELIVERED + 2 * DAY)
    landing.deliver("february.csv", b"a,b\n1,3\n", DELIVERED + DAY)
    landing.land()
    _mend(landing, mode=mode, ordering_column=ordering)

    landing.land(NOW + DAY)

    january = [("january.csv", LoadStatus.LANDED)] if is_taken else []
    assert _statuses(landing) == [
        ("january.csv", LoadStatus.REFUSED),
        ("february.csv", LoadStatus.LANDED),
        ("march.csv", LoadStatus.REFUSED),
        *january,
        ("march.csv", LoadStatus.LANDED),
    ]
