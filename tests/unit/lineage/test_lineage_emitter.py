from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lineage_endpoints import FakeClock, recorded_events
from lineage_samples import AUDIT, MODEL, PARENT

from assay.domain import Stage
from assay.lineage import Emitter, ParentRun


def make(lake: Path, clock: FakeClock) -> Emitter:
    return Emitter(lake, namespace="assay", clock=clock)


def summary(lake: Path) -> list[tuple[str, str, str]]:
    """Each event as (job, state, parent's job)."""
    return [
        (event["job"]["name"], event["eventType"], _parent(event).get("name", ""))
        for event in recorded_events(lake)
    ]


def _parent(event: dict[str, Any]) -> dict[str, str]:
    parent: dict[str, str] = event["run"]["facets"].get("parent", {}).get("job", {})
    return parent


def test_within_a_task_the_task_is_the_parent(tmp_path: Path, clock: FakeClock) -> None:
    emitter = make(tmp_path, clock)
    with emitter.within(PARENT, "flights", Stage.GOLD, "run-1") as parent:
        emitter.emit_models(parent, [MODEL])
        emitter.emit_audit(parent, AUDIT)
    assert parent is PARENT
    assert summary(tmp_path) == [
        ("flights.gold.agg_route_month", "START", "flights.gold"),
        ("flights.gold.agg_route_month", "COMPLETE", "flights.gold"),
        ("flights.audit.gold.agg_route_month", "START", "flights.gold"),
        ("flights.audit.gold.agg_route_month", "COMPLETE", "flights.gold"),
    ]


def test_outside_airflow_a_run_and_its_stages_emit_themselves(
    tmp_path: Path, clock: FakeClock
) -> None:
    emitter = make(tmp_path, clock)
    whole = emitter.start_run("flights", "run-1")
    with emitter.within(None, "flights", Stage.GOLD, "run-1") as parent:
        emitter.emit_models(parent, [MODEL])
    emitter.complete_run(whole)
    assert summary(tmp_path) == [
        ("flights", "START", ""),
        ("flights.gold", "START", "flights"),
        ("flights.gold.agg_route_month", "START", "flights.gold"),
        ("flights.gold.agg_route_month", "COMPLETE", "flights.gold"),
        ("flights.gold", "COMPLETE", "flights"),
        ("flights", "COMPLETE", ""),
    ]
    events = recorded_events(tmp_path)
    whole_run_id = events[0]["run"]["runId"]
    assert events[1]["run"]["facets"]["parent"]["run"]["runId"] == whole_run_id
    assert events[2]["run"]["facets"]["parent"]["root"]["run"]["runId"] == whole_run_id
    assert events[2]["run"]["facets"]["parent"]["run"]["runId"] == events[1]["run"]["runId"]


def test_a_stage_that_raises_fails_and_the_error_goes_on(tmp_path: Path, clock: FakeClock) -> None:
    with (
        pytest.raises(RuntimeError, match="dbt stopped"),
        make(tmp_path, clock).within(None, "flights", Stage.GOLD, "run-1"),
    ):
        raise RuntimeError("dbt stopped")
    assert summary(tmp_path) == [
        ("flights.gold", "START", "flights"),
        ("flights.gold", "FAIL", "flights"),
    ]
    fail = recorded_events(tmp_path)[1]
    assert fail["run"]["facets"]["errorMessage"]["message"] == "RuntimeError"


def test_a_stage_can_be_completed_by_another_process(tmp_path: Path, clock: FakeClock) -> None:
    started = make(tmp_path, clock).start_run("flights", "run-1")
    make(tmp_path, clock).complete_run(make(tmp_path, clock).own_run("flights", "run-1"))
    ids = {event["run"]["runId"] for event in recorded_events(tmp_path)}
    assert ids == {started.run_id}


def test_an_event_that_cannot_be_built_is_counted_and_raises_nothing(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    emitter = make(tmp_path, clock)
    emitter.emit_models(ParentRun("no uuid", "flights.gold", "assay"), [MODEL])
    assert emitter.lost == 2
    assert [record.getMessage().split(" ")[0] for record in caplog.records] == ["lineage_lost"]
