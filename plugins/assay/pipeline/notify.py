"""One notification for a run that failed or went past something, to a webhook.

Past deliveries that it refused, or tables that are older than agreed. It never fails or holds up
a run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import requests

from assay.domain import Stage
from assay.errors import AssayError, DeliveriesIncomplete, TablesOverdue

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5
# Errors whose words are Assay's own: names, places and counts. What an engine says may quote
# the value that it stumbled over, and stays at home.
_QUOTABLE = {
    "audit_failed",
    "balance",
    "contract",
    "deliveries_incomplete",
    "load_refused",
    "overdue",
    "policy",
    "policy_denied",
    "product_busy",
    "release",
    "release_conflict",
    "secret",
    "settings",
    "source",
    "superseded",
}


def describe_failure(
    product: str,
    run_id: str,
    stage: str,
    error: BaseException,
    at_utc: datetime,
    explain: str = "",
) -> dict[str, str]:
    """Write what a notification says; it holds no row's values.

    Keys, all texts: ``event`` (``assay.run_failed``, or ``assay.deliveries_incomplete`` of a run
    that published without what was refused), ``product``, ``run_id``, ``stage``, ``code``
    (stable, see :mod:`assay.errors`), ``what``, ``where``, ``todo``, ``explain`` (where to learn
    more, by default a command), ``at_utc`` (ISO 8601), and ``text``: the same in one paragraph,
    the key that chat webhooks show.
    """
    what, where, todo, code = "", "", "", "unexpected"
    if isinstance(error, AssayError):
        code = error.code
        if code in _QUOTABLE:
            what, where, todo = error.what, error.where, error.todo
    explain = explain or f"assay explain {run_id}"
    what = what or f"the stage {stage} failed ({type(error).__name__})"
    is_published = isinstance(error, DeliveriesIncomplete)
    came_to = "is incomplete" if is_published else f"failed in {stage}"
    return {
        "event": "assay.deliveries_incomplete" if is_published else "assay.run_failed",
        "product": product,
        "run_id": run_id,
        "stage": stage,
        "code": code,
        "what": what,
        "where": where,
        "todo": todo,
        "explain": explain,
        "at_utc": at_utc.astimezone(UTC).isoformat(timespec="seconds"),
        "text": f"{product}: run {run_id} {came_to}. {what}. More: {explain}",
    }


def notify_failure(
    webhook_url: str,
    *,
    product: str,
    run_id: str,
    stage: str,
    error: BaseException,
    clock: Callable[[], datetime],
    explain: str = "",
) -> bool:
    """Tell a webhook how a run failed, or what it left behind: one POST of JSON, no second try.

    Returns whether it was taken. An address that does not answer costs a warning and at most
    some seconds; an empty one costs nothing.
    """
    if not webhook_url:
        return False
    body = describe_failure(product, run_id, stage, error, clock(), explain)
    return _post(webhook_url, body)


def notify_overdue(
    webhook_url: str,
    *,
    product: str,
    run_id: str,
    overdue: Sequence[str],
    clock: Callable[[], datetime],
) -> bool:
    """Tell a webhook which tables became older than agreed; as `notify_failure`."""
    return _post(webhook_url, describe_overdue(product, run_id, overdue, clock()))


def describe_overdue(
    product: str, run_id: str, overdue: Sequence[str], at_utc: datetime
) -> dict[str, str]:
    """Write what a notification says of tables that are older than agreed.

    Keys as those of a failure, with the ``event`` ``assay.tables_overdue``.
    """
    what, explain = "; ".join(overdue), f"assay status {product}"
    return {
        "event": "assay.tables_overdue",
        "product": product,
        "run_id": run_id,
        "stage": Stage.LAND.value,
        "code": TablesOverdue.code,
        "what": what,
        "where": "",
        "todo": "have what is missing delivered",
        "explain": explain,
        "at_utc": at_utc.astimezone(UTC).isoformat(timespec="seconds"),
        "text": f"{product}: {what}. More: {explain}",
    }


def _post(webhook_url: str, body: Mapping[str, str]) -> bool:
    try:
        answer = requests.post(
            webhook_url, json=body, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        is_taken = 200 <= answer.status_code < 300
        problem = "" if is_taken else f"HTTP {answer.status_code}"
    except (requests.RequestException, ValueError) as failure:
        is_taken, problem = False, type(failure).__name__
    if not is_taken:
        # The address may hold a secret: it is not logged.
        _log.warning(
            "notification_failed run=%s reason=%s; the run's own outcome is unchanged",
            body["run_id"],
            problem,
        )
    return is_taken
