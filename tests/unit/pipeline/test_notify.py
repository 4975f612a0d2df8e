"""One notification for a failed run: what it says, and that it never costs the run anything."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from assay.errors import AuditFailed, DeliveriesIncomplete, TransformError
from assay.pipeline.notify import describe_failure, notify_failure, notify_overdue
from webhook import Webhook, open_webhook

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with open_webhook() as server:
        yield server


def notify(url: str, error: BaseException) -> bool:
    return notify_failure(
        url, product="shop", run_id="run-1", stage="audit_gold", error=error, clock=lambda: NOW
    )


def test_one_post_says_what_where_and_what_to_do(webhook: Webhook) -> None:
    error = AuditFailed("gold.fct_orders did not pass", where="run run-1", todo="look at it")
    assert notify(webhook.url, error)
    assert webhook.received == [
        {
            "event": "assay.run_failed",
            "product": "shop",
            "run_id": "run-1",
            "stage": "audit_gold",
            "code": "audit_failed",
            "what": "gold.fct_orders did not pass",
            "where": "run run-1",
            "todo": "look at it",
            "explain": "assay explain run-1",
            "at_utc": "2026-01-02T03:04:05+00:00",
            "text": "shop: run run-1 failed in audit_gold. gold.fct_orders did not pass."
            " More: assay explain run-1",
        }
    ]


def test_a_run_that_was_published_without_refused_loads_is_told_apart() -> None:
    error = DeliveriesIncomplete("the run was published without what was refused: a.csv: is empty")
    told = describe_failure("shop", "run-1", "deliveries", error, NOW)
    assert (told["event"], told["code"]) == (
        "assay.deliveries_incomplete",
        "deliveries_incomplete",
    )
    assert told["text"] == (
        "shop: run run-1 is incomplete. the run was published without what was refused: a.csv: is"
        " empty. More: assay explain run-1"
    )


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(TransformError("Could not convert string 'ada@x.org'"), id="dbt's words"),
        pytest.param(ValueError("ada@x.org"), id="an exception nobody foresaw"),
    ],
)
def test_words_of_an_engine_may_quote_values_and_are_not_sent(error: BaseException) -> None:
    told = describe_failure("shop", "run-1", "silver", error, NOW)
    assert "ada@x.org" not in json.dumps(told)
    assert told["what"] == f"the stage silver failed ({type(error).__name__})"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_costs_a_warning(
    webhook: Webhook, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.status = status
    with caplog.at_level(logging.WARNING):
        assert not notify(webhook.url, AuditFailed("no"))
    assert len(webhook.received) == 1
    assert f"reason=HTTP {status}" in caplog.text
    assert "secret-token" not in caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hook", "not an address", "ftp://x/y"])
def test_no_webhook_at_the_address_costs_a_warning(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert not notify(url, AuditFailed("no"))
    assert "notification_failed" in caplog.text
    assert url not in caplog.text


def test_without_an_address_nothing_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not notify("", AuditFailed("no"))
    assert caplog.text == ""


def test_tables_that_became_overdue_are_told_in_one_post(webhook: Webhook) -> None:
    late = ["silver.shop__orders is overdue", "shop.stock is overdue"]
    assert notify_overdue(
        webhook.url, product="shop", run_id="run-1", overdue=late, clock=lambda: NOW
    )
    assert webhook.received == [
        {
            "event": "assay.tables_overdue",
            "product": "shop",
            "run_id": "run-1",
            "stage": "land",
            "code": "overdue",
            "what": "silver.shop__orders is overdue; shop.stock is overdue",
            "where": "",
            "todo": "have what is missing delivered",
            "explain": "assay status shop",
            "at_utc": "2026-01-02T03:04:05+00:00",
            "text": "shop: silver.shop__orders is overdue; shop.stock is overdue. More: assay"
            " status shop",
        }
    ]
