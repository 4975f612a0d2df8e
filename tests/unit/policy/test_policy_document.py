"""The document that the publish policies judge, and the whole gate over domain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from policy_samples import (
    FACTS,
    STAGED,
    sample_check,
    sample_column,
    sample_contract,
    sample_run,
)

from assay.domain import CheckStatus, Decision, Layer
from assay.errors import PolicyError
from assay.policy import EmbeddedEngine, decide, publish_document
from publish_policies import POLICIES, RULES

CONTACT = replace(sample_column("contact"), parts=(sample_column("email"),))
GUEST = replace(sample_column("guest"), parts=(sample_column("seat"), CONTACT))


def good_release(**changes: Any) -> dict[str, object]:
    parts: dict[str, Any] = {
        "product": "flights",
        "owner": "flights-team",
        "run": sample_run(),
        "tables": {FACTS: 3, STAGED: 2},
        "contracts": {FACTS: sample_contract(), STAGED: sample_contract(Layer.SILVER)},
        "checks": [sample_check(), sample_check(STAGED, version=2)],
        "columns": {FACTS: ["flight_id"], STAGED: ["flight_id"]},
        "published": {FACTS},
    }
    return publish_document(**{**parts, **changes})


def test_document_has_the_stated_shape() -> None:
    check = {
        "suite": "flights.fct_flights",
        "check": "expect_column_values_to_not_be_null",
        "column": "flight_id",
        "severity": "critical",
        "status": "passed",
    }
    contract = {
        "product": "flights",
        "version": "1.0.0",
        "owner": "ops",
        "status": "",
        "end_of_support": "",
        "columns": [{"name": "flight_id", "personal_data": False, "classification": ""}],
    }
    assert good_release() == {
        "product": "flights",
        "owner": "flights-team",
        "run": {
            "run_id": "r-1",
            "base_release": 0,
            "code_revision": "abc",
            "code_dirty": False,
            "started_on": "2026-01-02",
        },
        "tables": [
            {
                "table": "gold.fct_flights",
                "layer": "gold",
                "version": 3,
                "published": True,
                "columns": ["flight_id"],
                "contract": {"table": "gold.fct_flights", **contract},
                "checks": [{"version": 3, **check}],
            },
            {
                "table": "silver.flights__flights",
                "layer": "silver",
                "version": 2,
                "published": False,
                "columns": ["flight_id"],
                "contract": {"table": "silver.flights__flights", **contract},
                "checks": [{"version": 2, **check}],
            },
        ],
    }


def test_publishing_a_table_that_the_release_lacks_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"not in the release: gold\.fct_flights"):
        good_release(tables={STAGED: 2})


def test_good_release_is_allowed() -> None:
    decision = decide(EmbeddedEngine(60), POLICIES, "publish", good_release())
    assert decision == Decision(True, "embedded", (), RULES)


@pytest.mark.parametrize(
    ("changes", "rule", "found"),
    [
        pytest.param({"owner": ""}, "owner_named", "product's owner is ''", id="no owner"),
        pytest.param(
            {"contracts": {FACTS: sample_contract(owner="todo")}},
            "owner_named",
            "gold.fct_flights: its contract's owner is 'todo'",
            id="placeholder owner",
        ),
        pytest.param(
            {"checks": [sample_check()]},
            "audits_passed",
            "silver.flights__flights@2: no check ran at this version",
            id="one table not audited",
        ),
        pytest.param(
            {"tables": {FACTS: 4, STAGED: 2}},
            "audits_passed",
            "gold.fct_flights@4: no check ran at this version, only at 3",
            id="written after its audit",
        ),
        pytest.param(
            {
                "checks": [
                    sample_check(status=CheckStatus.ERRORED),
                    sample_check(STAGED, version=2),
                ]
            },
            "audits_passed",
            "gold.fct_flights@3: critical check",
            id="errored check",
        ),
        pytest.param(
            {"columns": {FACTS: ["flight_id", "email"]}},
            "personal_data_declared",
            "gold.fct_flights.email: it looks personal",
            id="undeclared personal column",
        ),
        pytest.param(
            {"columns": {}},
            "personal_data_declared",
            "gold.fct_flights: its columns are not known",
            id="columns unknown",
        ),
        pytest.param(
            {"contracts": {FACTS: sample_contract(Layer.GOLD, sample_column("a", personal=True))}},
            "personal_data_declared",
            "gold.fct_flights.a: its contract does not say",
            id="personal without classification",
        ),
        pytest.param(
            {"contracts": {FACTS: replace(sample_contract(), end_of_support=date(2026, 1, 1))}},
            "still_served",
            "gold.fct_flights: its contract serves it until 2026-01-01",
            id="past its support",
        ),
        pytest.param(
            {
                "contracts": {FACTS: sample_contract(Layer.GOLD, GUEST)},
                "columns": {FACTS: ["guest"]},
            },
            "personal_data_declared",
            "gold.fct_flights.guest.contact.email: it looks personal",
            id="a part of a column looks personal",
        ),
        pytest.param(
            {"published": ()},
            "contract_present",
            "the release publishes no table",
            id="nothing published",
        ),
    ],
)
def test_bad_release_is_denied_by_one_rule(changes: dict[str, Any], rule: str, found: str) -> None:
    decision = decide(EmbeddedEngine(60), POLICIES, "publish", good_release(**changes))
    assert (decision.allowed, decision.rules) == (False, RULES)
    assert [denial.partition(":")[0] for denial in decision.denials] == [rule]
    assert found in decision.denials[0]


def test_missing_contract_is_denied_by_every_rule_that_reads_it() -> None:
    decision = decide(EmbeddedEngine(60), POLICIES, "publish", good_release(contracts={}))
    assert not decision.allowed
    assert decision.denials == (
        "contract_present: Each published table has a contract of this product"
        " (gold.fct_flights: it has no contract)",
        "owner_named: The product and each published table name an owner"
        " (gold.fct_flights: its contract's owner is not given)",
        "personal_data_declared: No published table holds personal data that its contract does"
        " not declare and classify"
        " (gold.fct_flights: it has no contract to declare its columns)",
        "still_served: No published table is past the end of its support"
        " (gold.fct_flights: its end of support is not a day)",
    )
