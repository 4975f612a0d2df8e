"""Airflow's own provider delivers into the lake, with the same names, through its configuration.

In a process of its own: Airflow reads its configuration on import.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lineage_endpoints import Endpoint, FakeClock, recorded_events
from lineage_samples import AUDIT, MODEL, PARENT

from assay.lineage import (
    Emitter,
    airflow_openlineage_environment,
    count_undelivered,
    events_path,
    read_events,
    upstream_and_downstream,
)

_TASK = """
from airflow.providers.openlineage.extractors import OperatorLineage
from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter
from assay.lineage.events import input_dataset, output_dataset
from assay.lineage.runs import DatasetState
from airflow.providers.openlineage import conf

namespace = conf.namespace()
lineage = OperatorLineage(
    inputs=[input_dataset(namespace, DatasetState("silver.flights", 3))],
    outputs=[output_dataset(namespace, DatasetState("gold.agg_route_month", 7))],
)
run_id, job_name = "{run_id}", "{job_name}"
for _ in range(2):
    OpenLineageAdapter().complete_task(
        run_id=run_id, job_name=job_name, end_time="2026-01-01T12:00:02+00:00", task=lineage,
        nominal_start_time=None, nominal_end_time=None, owners=[], tags=[], job_description=None,
    )
"""


def run_task(home: Path, lake: Path, url: str) -> str:
    script = _TASK.format(run_id=PARENT.run_id, job_name=PARENT.job_name)
    environment = os.environ | airflow_openlineage_environment(lake, url, "assay")
    environment |= {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "false"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_a_task_is_recorded_beside_its_models(
    tmp_path: Path, clock: FakeClock, endpoint: Endpoint
) -> None:
    lake = tmp_path / "lake"
    endpoint.statuses = [500]
    run_task(tmp_path / "airflow", lake, endpoint.url)
    emitter = Emitter(lake, namespace="assay", clock=clock)
    emitter.emit_models(PARENT, [MODEL])
    emitter.emit_audit(PARENT, AUDIT)

    task, _, _, built, _, audited = recorded_events(lake)
    assert task["producer"].startswith("https://github.com/apache/airflow")
    assert task["run"]["runId"] == built["run"]["facets"]["parent"]["run"]["runId"]
    names = [
        [(d["namespace"], d["name"]) for d in datasets]
        for datasets in (task["inputs"], built["inputs"], task["outputs"], built["outputs"])
    ]
    assert names[0] == names[1] == [("assay", "silver.flights")]
    assert names[2] == names[3] == [("assay", "gold.agg_route_month")]
    assert (audited["inputs"][0]["namespace"], audited["inputs"][0]["name"]) == names[2][0]

    assert len(endpoint.received) == 1
    assert count_undelivered(lake) == 2
    graph = upstream_and_downstream(read_events(events_path(lake), "assay"), "gold.agg_route_month")
    assert [edge.job for edge in graph.upstream] == ["flights.gold.agg_route_month"]
