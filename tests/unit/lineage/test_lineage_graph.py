from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lineage_endpoints import FakeClock
from lineage_samples import AUDIT, END, MODEL, PARENT

from assay.errors import LineageError
from assay.lineage import (
    DatasetState,
    Emitter,
    LineageGraph,
    ModelRun,
    events_path,
    read_events,
    render,
    upstream_and_downstream,
)
from assay.lineage.recorded import Recorded


def model(job: str, inputs: str, output: str, version: int = 0, minutes: int = 0) -> ModelRun:
    end = END + timedelta(minutes=minutes)
    return replace(
        MODEL,
        job_name=f"flights.{job}",
        started_at_utc=end,
        ended_at_utc=end,
        inputs=tuple(DatasetState(name, 0) for name in inputs.split()),
        outputs=(DatasetState(output, version),),
    )


CHAIN = (
    model("bronze.bronze_flights", "landing.flights.flights", "bronze.flights"),
    model("silver.flights", "bronze.flights silver.flights", "silver.flights", 4),
    model("gold.fct_flights", "silver.flights", "gold.fct_flights"),
    model("gold.agg_route_month", "gold.fct_flights", "gold.agg_route_month", 7),
    model("gold.dim_planes", "silver.planes", "gold.dim_planes"),
)


def trace(lake: Path, dataset: str) -> LineageGraph:
    return upstream_and_downstream(read_events(events_path(lake), "assay"), dataset)


@pytest.fixture
def emitter(tmp_path: Path, clock: FakeClock) -> Emitter:
    emitter = Emitter(tmp_path, namespace="assay", clock=clock)
    emitter.emit_models(PARENT, CHAIN)
    return emitter


def test_the_tree_of_a_gold_table(tmp_path: Path, emitter: Emitter) -> None:
    emitter.emit_audit(PARENT, AUDIT)
    assert render(trace(tmp_path, "gold.agg_route_month")).splitlines() == [
        "gold.agg_route_month, version 7, 2026-01-01 12:00:01Z, 1 of 3 checks passed at version 7",
        "upstream:",
        "  <- [flights.gold.agg_route_month 2026-01-01 12:00:01Z]"
        " gold.fct_flights, version 0, 2026-01-01 12:00:01Z",
        "    <- [flights.gold.fct_flights 2026-01-01 12:00:01Z]"
        " silver.flights, version 4, 2026-01-01 12:00:01Z",
        "      <- [flights.silver.flights 2026-01-01 12:00:01Z]"
        " bronze.flights, version 0, 2026-01-01 12:00:01Z",
        "        <- [flights.bronze.bronze_flights 2026-01-01 12:00:01Z]"
        " landing.flights.flights, version 0, 2026-01-01 12:00:01Z",
        "      <- [flights.silver.flights 2026-01-01 12:00:01Z]"
        " silver.flights (itself, as it was before)",
        "downstream: nothing",
    ]


def test_both_directions_from_the_middle(tmp_path: Path, emitter: Emitter) -> None:
    graph = trace(tmp_path, "silver.flights")
    assert [(e.source, e.target) for e in graph.upstream] == [
        ("bronze.flights", "silver.flights"),
        ("landing.flights.flights", "bronze.flights"),
        ("silver.flights", "silver.flights"),
    ]
    assert [(e.source, e.target) for e in graph.downstream] == [
        ("gold.fct_flights", "gold.agg_route_month"),
        ("silver.flights", "gold.fct_flights"),
        ("silver.flights", "silver.flights"),
    ]


def test_a_cycle_ends(tmp_path: Path, emitter: Emitter) -> None:
    emitter.emit_models(PARENT, [model("gold.back", "gold.agg_route_month", "silver.flights")])
    graph = trace(tmp_path, "gold.agg_route_month")
    assert len(graph.upstream) == 6
    assert "gold.agg_route_month (itself, as it was before)" not in render(graph)
    assert "gold.agg_route_month (shown above)" in render(graph)


def test_the_newest_completed_run_of_a_job_counts(tmp_path: Path, emitter: Emitter) -> None:
    job = "gold.agg_route_month"
    emitter.emit_models(
        replace(PARENT, attempt=2), [model(job, "gold.dim_planes", "gold.agg_route_month", 8, 5)]
    )
    failed = replace(model(job, "silver.other", "gold.agg_route_month", 9, 6), error="no")
    emitter.emit_models(replace(PARENT, attempt=3), [failed])
    graph = trace(tmp_path, "gold.agg_route_month")
    assert [edge.source for edge in graph.upstream] == ["gold.dim_planes", "silver.planes"]
    assert graph.newest["gold.agg_route_month"].version == "8"


def test_what_has_no_version_was_seen_when_it_was_last_written(
    tmp_path: Path, emitter: Emitter
) -> None:
    landed = DatasetState("landing.flights.weather")
    for minutes in (0, 5):
        lands = model("landing.weather", "", landed.name, minutes=minutes)
        reads = model("bronze.weather", "", "bronze.weather", minutes, minutes + 1)
        runs = [replace(lands, outputs=(landed,)), replace(reads, inputs=(landed,))]
        emitter.emit_models(replace(PARENT, attempt=minutes + 1), runs)
    assert render(trace(tmp_path, landed.name)).splitlines()[0] == (
        "landing.flights.weather, no version, 2026-01-01 12:05:01Z"
    )


def test_a_parent_is_no_edge_between_all_that_its_children_touch(
    tmp_path: Path, emitter: Emitter
) -> None:
    task = replace(model("gold", "silver.planes silver.flights", "gold.agg_route_month"))
    task = replace(task, outputs=(*task.outputs, DatasetState("gold.dim_planes")))
    emitter.emit_models(replace(PARENT, job_name="flights"), [task])
    graph = trace(tmp_path, "gold.agg_route_month")
    assert "silver.planes" not in {edge.source for edge in graph.upstream}


def test_a_torn_last_line_is_skipped_and_counted(
    tmp_path: Path, emitter: Emitter, caplog: pytest.LogCaptureFixture
) -> None:
    with events_path(tmp_path).open("ab") as file:
        file.write(b'\n[]\n{"eventType": "COMPLETE"}\n{"eventTime": "2026-01-01T1')
    recorded = read_events(events_path(tmp_path), "assay")
    assert (recorded.events, recorded.skipped) == (10, 3)
    assert [r.getMessage().split(" ")[:2] for r in caplog.records] == [
        ["lineage_lines_skipped", "lines=3"]
    ]


def test_events_of_another_namespace_are_told_apart(tmp_path: Path, emitter: Emitter) -> None:
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-01T12:00:00Z",
        "run": {"runId": "0194a000-0000-7000-8000-00000000000f"},
        "job": {"namespace": "other", "name": "export"},
        "inputs": [{"namespace": "assay", "name": "gold.agg_route_month"}],
        "outputs": [{"namespace": "s3://bucket", "name": "export"}],
    }
    with events_path(tmp_path).open("a") as file:
        file.write(json.dumps(event) + "\n")
    graph = trace(tmp_path, "gold.agg_route_month")
    assert [(edge.job, edge.target) for edge in graph.downstream] == [
        ("other/export", "s3://bucket/export")
    ]


def test_an_unknown_dataset_lists_close_names(tmp_path: Path, emitter: Emitter) -> None:
    with pytest.raises(LineageError) as raised:
        trace(tmp_path, "gold.agg_route_mnth")
    assert raised.value.what == "no recorded run read or wrote 'gold.agg_route_mnth'"
    assert raised.value.todo.startswith("did you mean gold.agg_route_month")


def test_before_any_dataset_is_recorded_the_answer_is_to_run() -> None:
    with pytest.raises(LineageError) as raised:
        upstream_and_downstream(Recorded((), 0), "gold.agg_route_month")
    assert raised.value.todo == "run a product first: `assay run <product>`"


def test_a_layer_mistaken_is_found_by_its_table(tmp_path: Path, emitter: Emitter) -> None:
    with pytest.raises(LineageError) as raised:
        trace(tmp_path, "quarantine.planes")
    assert "silver.planes" in raised.value.todo


@pytest.mark.parametrize("content", [None, b"", b'{"torn'], ids=["no-file", "empty", "torn"])
def test_no_events_say_to_run_first(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        events_path(tmp_path).parent.mkdir(parents=True)
        events_path(tmp_path).write_bytes(content)
    with pytest.raises(LineageError, match="no lineage is recorded yet") as raised:
        read_events(events_path(tmp_path), "assay")
    assert "run a product first" in raised.value.todo
