"""Every rule's decision table, whole results, against the embedded engine."""

from __future__ import annotations

import json

import pytest

from assay.policy import EmbeddedEngine, RuleAnswer, read_rules
from assay.policy.input_text import write_input
from assay.policy.rules import RuleSet
from publish_policies import CASES, POLICIES, RULES

TABLES = [
    pytest.param(rule, case, id=f"{rule}: {case['name']}")
    for rule, cases in CASES.items()
    for case in cases
]


def test_the_publish_domain_has_exactly_these_rules() -> None:
    found = read_rules(POLICIES, "publish")
    assert tuple(rule.name for rule in found.rules) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_described(rule: str) -> None:
    folder = POLICIES / "publish" / rule
    assert {each.name for each in folder.iterdir()} == {"decisions.json", f"{rule}.rego"}
    text = (folder / f"{rule}.rego").read_text("utf-8")
    assert text.startswith("# METADATA\n# title: ")
    assert "\n# custom:\n#   control: " in text
    assert "\ndefault allow := false\n" in text


@pytest.mark.parametrize("rule", RULES)
def test_table_has_an_allow_and_denials_and_no_name_twice(rule: str) -> None:
    cases = json.loads((POLICIES / "publish" / rule / "decisions.json").read_text("utf-8"))
    assert {case["allow"] for case in cases} == {True, False}
    assert len({case["name"] for case in cases}) == len(cases)
    assert [case["name"] for case in cases if not case["allow"] and not case["reasons"]] == []


@pytest.mark.parametrize(("rule", "case"), TABLES)
def test_embedded_engine_decides_as_the_table_says(rule: str, case: dict[str, object]) -> None:
    whole = read_rules(POLICIES, "publish")
    alone = RuleSet("publish", tuple(r for r in whole.rules if r.name == rule), whole.modules)
    document = case["input"]
    assert isinstance(document, dict)
    answers = EmbeddedEngine(timeout_seconds=60).evaluate(alone, write_input(document))
    assert answers == {rule: RuleAnswer(case["allow"], case["reasons"])}
