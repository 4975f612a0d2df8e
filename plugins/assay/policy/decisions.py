"""Ask every rule of a domain, and judge the answers. Anything but a clean yes is a no."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assay.domain import Decision
from assay.errors import PolicyError
from assay.policy.engine import PolicyEngine, RuleAnswer
from assay.policy.input_text import write_input
from assay.policy.rules import Rule, read_rules


def decide(
    engine: PolicyEngine, policies: Path, domain: str, document: Mapping[str, object]
) -> Decision:
    """Decide by every rule under ``policies/<domain>/``: allowed only if each one says so.

    ``Decision.rules`` names the rules in order; ``Decision.denials`` has one sentence for each
    rule that said no: its name, its title, and the reasons that it gave.

    Raises:
        PolicyError: there is no rule, the document cannot be judged, or the engine gave no
            proper answer for every rule. All of these are a no.
    """
    rule_set = read_rules(policies, domain)
    answers = engine.evaluate(rule_set, write_input(document))
    denials = []
    for rule in rule_set.rules:
        answer = answers.get(rule.name)
        if answer is None:
            raise _undefined(rule, engine.name)
        if not _is_allowed(rule, answer, engine.name):
            denials.append(_describe_denial(rule, answer, engine.name))
    names = tuple(rule.name for rule in rule_set.rules)
    return Decision(not denials, engine.name, tuple(denials), names)


def _is_allowed(rule: Rule, answer: RuleAnswer, engine: str) -> bool:
    if not isinstance(answer.allow, bool):
        raise _malformed(rule, f"'allow' is {type(answer.allow).__name__}, not a boolean", engine)
    return answer.allow


def _describe_denial(rule: Rule, answer: RuleAnswer, engine: str) -> str:
    reasons = [] if answer.reasons is None else answer.reasons
    if not isinstance(reasons, list):
        raise _malformed(rule, f"'reasons' is {type(reasons).__name__}, not a set", engine)
    if not reasons:
        return f"{rule.name}: {rule.title} (no reason given)"
    return f"{rule.name}: {rule.title} ({'; '.join(sorted(map(str, reasons)))})"


def _undefined(rule: Rule, engine: str) -> PolicyError:
    return PolicyError(
        f"the rule '{rule.name}' has no 'allow': the {engine} engine finds it undefined",
        where=f"data.{rule.package}.allow",
        todo="write 'default allow := false' and an 'allow if' in the rule",
    )


def _malformed(rule: Rule, found: str, engine: str) -> PolicyError:
    return PolicyError(
        f"the {engine} engine's answer cannot be read: {found}",
        where=f"data.{rule.package}",
        todo="make 'allow' true or false, and 'reasons' a set of texts",
    )
