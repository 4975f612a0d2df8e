"""Configuration for OpenLineage clients that are not ours: Airflow's provider."""

from __future__ import annotations

import json
from pathlib import Path


def airflow_transport_config(lake: Path, url: str = "") -> dict[str, str]:
    """Build the value of Airflow's ``[openlineage] transport``: our own transport class.

    The client's own HTTP transport knows no breaker: a dead endpoint would cost its timeout at
    each event of each task. (Its file transport would do: it appends an event by one write.)
    """
    return {
        "type": "assay.lineage.client_transport.LakeTransport",
        "lake": str(lake),
        "url": url,
    }


def airflow_openlineage_environment(lake: Path, url: str, namespace: str) -> dict[str, str]:
    """Build the environment variables that make Airflow's provider emit into this lake.

    Events are sent from a thread: by default the provider forks the task's process, which by then
    has threads of its own, twice a task, at 0.1 to 0.15 s each.
    """
    return {
        "AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD": "True",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(airflow_transport_config(lake, url)),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": namespace,
    }
