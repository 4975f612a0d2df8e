"""The events themselves: whole values, and the specification's required parts.

No schema of OpenLineage ships with its client, so its required parts are stated here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from lineage_samples import AUDIT, END, MODEL, PARENT, START
from openlineage.client.event_v2 import RunState

from assay.lineage.events import (
    audit_events,
    child_run_id,
    model_events,
    stage_event,
    to_lines,
)
from assay.lineage.runs import DatasetState

_FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["_producer", "_schemaURL"],
        "properties": {
            "_producer": {"type": "string", "format": "uri"},
            "_schemaURL": {"type": "string", "format": "uri"},
        },
    },
}
_NAMED = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {
        "namespace": {"const": "assay"},
        "name": {"type": "string", "minLength": 1},
        "facets": _FACETS,
        "inputFacets": _FACETS,
        "outputFacets": _FACETS,
    },
    "additionalProperties": False,
}
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job", "eventType"],
    "properties": {
        "eventTime": {"type": "string", "format": "date-time"},
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "producer": {"type": "string", "format": "uri"},
        "schemaURL": {"pattern": r"^https://openlineage\.io/spec/2-\S+#/\$defs/RunEvent$"},
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": _FACETS},
            "additionalProperties": False,
        },
        "job": _NAMED,
        "inputs": {"type": "array", "items": _NAMED},
        "outputs": {"type": "array", "items": _NAMED},
    },
    "additionalProperties": False,
}


def as_json(events: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in to_lines(events)]


def plain(value: Any) -> Any:
    """Strip what every facet repeats, and what is empty, so that a golden can be read."""
    if isinstance(value, dict):
        kept = {k: plain(v) for k, v in value.items() if k not in ("_producer", "_schemaURL")}
        return {k: v for k, v in kept.items() if v not in ({}, [])}
    return [plain(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(model_events("assay", PARENT, MODEL), id="model"),
        pytest.param(model_events("assay", PARENT, replace(MODEL, error="no")), id="failed-model"),
        pytest.param(audit_events("assay", PARENT, AUDIT), id="audit"),
        pytest.param([stage_event(RunState.START, PARENT, START, parent=None)], id="stage"),
    ],
)
def test_events_have_what_the_specification_requires(events: list[Any]) -> None:
    for event in as_json(events):
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        jsonschema.validate(event, RUN_EVENT, format_checker=checker)


def test_a_model_is_a_child_run_with_start_and_complete() -> None:
    start, complete = as_json(model_events("assay", PARENT, MODEL))

    assert plain(start) == {
        "eventTime": "2026-01-01T12:00:00.000+00:00",
        "eventType": "START",
        "producer": "urn:assay:lineage",
        "schemaURL": start["schemaURL"],
        "run": plain(complete["run"]),
        "job": plain(complete["job"]),
    }
    assert plain(complete) == {
        "eventTime": "2026-01-01T12:00:01.500+00:00",
        "eventType": "COMPLETE",
        "producer": "urn:assay:lineage",
        "schemaURL": complete["schemaURL"],
        "run": {
            "runId": child_run_id(PARENT, MODEL.job_name),
            "facets": {
                "assay": {"assayRunId": "run-1", "attempt": 1},
                "parent": {
                    "run": {"runId": PARENT.run_id},
                    "job": {"namespace": "assay", "name": "flights.gold"},
                    "root": {
                        "run": {"runId": "0194a000-0000-7000-8000-000000000000"},
                        "job": {"namespace": "assay", "name": "flights"},
                    },
                },
            },
        },
        "job": {
            "namespace": "assay",
            "name": "flights.gold.agg_route_month",
            "facets": {
                "jobType": {"processingType": "BATCH", "integration": "DBT", "jobType": "MODEL"},
                "sql": {
                    "query": "select count(*) as flights from silver.flights",
                    "dialect": "duckdb",
                },
            },
        },
        "inputs": [
            {
                "namespace": "assay",
                "name": "silver.flights",
                "facets": {"version": {"datasetVersion": "3"}},
            }
        ],
        "outputs": [
            {
                "namespace": "assay",
                "name": "gold.agg_route_month",
                "facets": {
                    "version": {"datasetVersion": "7"},
                    "schema": {
                        "fields": [
                            {
                                "name": "flights",
                                "type": "BIGINT",
                                "description": "Flights flown.",
                                "ordinal_position": 1,
                            }
                        ]
                    },
                },
                "outputFacets": {"outputStatistics": {"rowCount": 10, "size": 2048}},
            }
        ],
    }


def test_a_failed_model_says_why_and_claims_no_version() -> None:
    _, fail = as_json(model_events("assay", PARENT, replace(MODEL, error="no such column")))

    assert fail["eventType"] == "FAIL"
    assert plain(fail["run"]["facets"]["errorMessage"]) == {
        "message": "no such column",
        "programmingLanguage": "SQL",
    }
    assert [output["name"] for output in fail["outputs"]] == ["gold.agg_route_month"]
    assert "version" not in fail["outputs"][0]["facets"]
    assert fail["outputs"][0]["outputFacets"] == {}


def test_an_audit_says_what_it_asserted_about_what_it_read() -> None:
    _, complete = as_json(audit_events("assay", PARENT, AUDIT))

    assert complete["eventType"] == "COMPLETE"
    assert complete["outputs"] == []
    common = {"expected": "at least 1", "actual": "0"}
    suite = {"suite": "agg_route_month"}
    assert plain(complete["inputs"][0]["inputFacets"]) == {
        "dataQualityMetrics": {"rowCount": 10},
        "dataQualityAssertions": {
            "assertions": [
                {
                    "assertion": "not_null",
                    "success": True,
                    "severity": "error",
                    "column": "flights",
                    "params": suite | {"status": "passed"},
                }
                | common,
                {
                    "assertion": "row_count",
                    "success": False,
                    "severity": "warn",
                    "params": suite | {"status": "failed"},
                }
                | common,
                {
                    "assertion": "unique",
                    "success": False,
                    "severity": "error",
                    "column": "origin",
                    "params": suite | {"status": "errored"},
                }
                | common,
            ]
        },
    }


def test_an_audit_names_the_other_tables_that_it_read() -> None:
    other = DatasetState("gold.dim_airports", version=3)
    _, complete = as_json(audit_events("assay", PARENT, replace(AUDIT, reads=(other,))))
    _, read = complete["inputs"]
    assert (read["name"], read["facets"]["version"]["datasetVersion"]) == ("gold.dim_airports", "3")
    assert "inputFacets" not in read or read["inputFacets"] == {}


def test_an_audit_that_could_not_be_run_fails() -> None:
    _, fail = as_json(audit_events("assay", PARENT, replace(AUDIT, checks=(), error="no suite")))
    assert fail["eventType"] == "FAIL"
    assert fail["run"]["facets"]["errorMessage"]["message"] == "no suite"


def test_unknown_columns_and_counts_are_not_claimed() -> None:
    model = replace(MODEL, outputs=(DatasetState("gold.agg_route_month"),))
    _, complete = as_json(model_events("assay", PARENT, model))
    assert complete["outputs"] == [
        {"namespace": "assay", "name": "gold.agg_route_month", "facets": {}, "outputFacets": {}}
    ]


def test_a_run_id_repeats_for_the_same_attempt_only() -> None:
    first = child_run_id(PARENT, MODEL.job_name)
    assert child_run_id(PARENT, MODEL.job_name) == first
    others = {
        child_run_id(replace(PARENT, attempt=2), MODEL.job_name),
        child_run_id(PARENT, AUDIT.job_name),
        child_run_id(replace(PARENT, run_id=PARENT.root.run_id), MODEL.job_name),
    }
    assert len(others - {first}) == 3


def test_a_model_and_its_audit_name_the_dataset_alike() -> None:
    model = as_json(model_events("assay", PARENT, MODEL))[1]["outputs"][0]
    audit = as_json(audit_events("assay", PARENT, AUDIT))[1]["inputs"][0]
    assert (model["namespace"], model["name"]) == (audit["namespace"], audit["name"])


def test_times_are_given_in_utc() -> None:
    event = as_json([stage_event(RunState.COMPLETE, PARENT, END, parent=None)])[0]
    assert event["eventTime"] == "2026-01-01T12:00:01.500+00:00"
