"""What becomes of a run, told from its records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assay.domain import Release, Run, Stage, StageEvent, StageState
from assay.pipeline.explain import StageStory, find_reasons, tell_stages
from assay.pipeline.run_states import RunState, find_standing

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RUN = Run(
    run_id="manual__1",
    product="shop",
    fence=3,
    base_release=1,
    load_ids=("shop-000001-a",),
    models=("bronze_shop__orders", "shop__orders", "fct_orders"),
    rebuild=("shop__orders", "fct_orders"),
    audits=(),
    pins={"other": 4},
    fingerprints={"model:shop__orders": "new", "model:fct_orders": "same", "suite:x": "1"},
    code_revision="",
    code_dirty=False,
    code_tree_hash="",
    started_at_utc=NOW,
)
BASE = Release(
    product="shop",
    number=1,
    kind="publish",
    run_id="before",
    base=0,
    tables={},
    rows={},
    loads=(),
    reads={"other": 3},
    fingerprints={"model:shop__orders": "old", "model:fct_orders": "same", "policy": "p"},
    contracts={},
    checks={},
    code_revision="",
    code_dirty=False,
    code_tree_hash="",
    published_at_utc=NOW,
)


def events(*states: tuple[Stage, StageState]) -> list[StageEvent]:
    return [
        StageEvent("manual__1", "shop", stage, state, NOW + timedelta(seconds=position), "why")
        for position, (stage, state) in enumerate(states)
    ]


LANDED = (Stage.LAND, StageState.SUCCEEDED)
STARTED = (Stage.BRONZE, StageState.STARTED)
BUILT = (Stage.BRONZE, StageState.SUCCEEDED)
FAILED = (Stage.BRONZE, StageState.FAILED)
CLEARED = (Stage.SILVER, StageState.SUPERSEDED)
IDLE = (Stage.LAND, StageState.NOTHING_TO_DO)


@pytest.mark.parametrize(
    ("run_id", "history", "published", "newest", "holder", "expected"),
    [
        pytest.param("r", [LANDED, STARTED], False, 3, "r", RunState.RUNNING, id="holds the lock"),
        pytest.param("r", [LANDED, STARTED], False, 3, "", RunState.KILLED, id="no end, no lock"),
        pytest.param("r", [LANDED, STARTED], False, 4, "s", RunState.KILLED, id="another writes"),
        pytest.param("r", [LANDED, BUILT], False, 3, "", RunState.WAITING, id="between stages"),
        pytest.param("shell-1", [LANDED], False, 3, "", RunState.KILLED, id="a shell that is gone"),
        pytest.param("r", [LANDED, BUILT], False, 4, "", RunState.SUPERSEDED, id="a newer run"),
        pytest.param("shell-1", [LANDED], False, 4, "", RunState.KILLED, id="a shell's, long ago"),
        pytest.param("r", [LANDED, STARTED, FAILED], False, 4, "", RunState.FAILED, id="failed"),
        pytest.param(
            "r", [LANDED, STARTED, FAILED, CLEARED], False, 4, "", RunState.FAILED, id="cleared"
        ),
        pytest.param("r", [LANDED, STARTED], True, 3, "", RunState.PUBLISHED, id="published"),
        pytest.param("r", [], False, 3, "", RunState.KILLED, id="no event at all"),
        pytest.param(
            "shell-1", [LANDED, BUILT, CLEARED], False, 4, "", RunState.SUPERSEDED, id="saw a newer"
        ),
    ],
)
def test_the_state_of_a_run(
    run_id: str,
    history: list[tuple[Stage, StageState]],
    published: bool,
    newest: int,
    holder: str,
    expected: RunState,
) -> None:
    standing = find_standing(
        replace(RUN, run_id=run_id),
        events(*history),
        is_published=published,
        newest_fence=newest,
        holder=holder,
    )
    assert standing.state == expected


def test_a_run_that_found_nothing_has_no_plan() -> None:
    standing = find_standing(None, events(IDLE), is_published=False, newest_fence=3, holder="")
    assert (standing.state, standing.stage) == (RunState.NOTHING_TO_DO, Stage.LAND)


def test_stages_tell_their_last_attempt() -> None:
    told = tell_stages(events(LANDED, STARTED, FAILED, STARTED, BUILT))
    assert told == (
        StageStory(Stage.LAND, StageState.SUCCEEDED, 1, None, NOW, "why"),
        StageStory(
            Stage.BRONZE,
            StageState.SUCCEEDED,
            2,
            NOW + timedelta(seconds=3),
            NOW + timedelta(seconds=4),
            "why",
        ),
    )


def test_reasons_tell_changed_models_from_those_that_follow() -> None:
    reasons = find_reasons(RUN, BASE)
    assert reasons.changed == ("shop__orders",)
    assert reasons.following == ("fct_orders",)
    assert reasons.updated == ("bronze_shop__orders",)
    assert (reasons.suites, reasons.is_policy_changed) == (("x",), False)
    assert reasons.products == {"other": (3, 4)}
