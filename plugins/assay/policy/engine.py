"""What decides: the port that the two engines fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from assay.policy.rules import RuleSet


@dataclass(frozen=True)
class RuleAnswer:
    """What an engine said of one rule, unjudged. ``reasons`` is None where the rule has none."""

    allow: object
    reasons: object = None


class PolicyEngine(Protocol):
    """Evaluates Rego. It holds no opinion: :func:`assay.policy.decide` judges the answers."""

    @property
    def name(self) -> str:
        """Which engine this is, for the decision's record."""
        ...

    def evaluate(self, rule_set: RuleSet, input_text: str) -> Mapping[str, RuleAnswer]:
        """Evaluate ``allow`` and ``reasons`` of every rule over one input.

        A rule whose ``allow`` is undefined is absent from the answer.

        Raises:
            PolicyError: the engine was not reached, did not answer in time or in form, or met
                an error in a rule.
        """
        ...
