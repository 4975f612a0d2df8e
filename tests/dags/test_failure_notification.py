"""The callback of a failed task: one notification, for every DAG that Assay makes."""

from __future__ import annotations

from pathlib import Path

from airflow_process import airflow_environ, run_python

from webhook import open_webhook

_NOTIFY = """
import json, sys
from types import SimpleNamespace
from airflow.sdk.exceptions import AirflowException
from assay.airflow import maintenance_dag, product_dag
from assay.airflow.failure import notify_of_failure
from assay.errors import ProductBusy

failed = AirflowException("busy")
failed.__cause__ = ProductBusy("shop is being written", todo="wait")
tasks = [
    product_dag("flights").get_task("gold"),
    maintenance_dag(schedule=None).get_task("maintain"),
]
for task in tasks:
    instance = SimpleNamespace(task=task)
    notify_of_failure({"ti": instance, "run_id": "manual__1", "exception": failed})
with open(sys.argv[1], "w") as file:
    json.dump([task.task_id for task in tasks], file)
"""


def test_failed_tasks_of_a_product_and_of_maintenance_are_told(tmp_path: Path) -> None:
    with open_webhook() as webhook:
        told = run_python(_NOTIFY, airflow_environ(tmp_path, ASSAY_WEBHOOK_URL=webhook.url))
    assert told == ["gold", "maintain"]
    keys = ("product", "run_id", "stage", "code", "explain")
    assert [tuple(sent[key] for key in keys) for sent in webhook.received] == [
        ("flights", "flights.manual__1", "gold", "product_busy", "assay explain flights.manual__1"),
        (
            "maintenance",
            "manual__1",
            "maintain",
            "product_busy",
            "Airflow's log of maintenance, run manual__1",
        ),
    ]
