"""The policy gate: build the input, ask an engine, judge its answer. It fails closed.

A rule is a folder ``policies/<domain>/<rule>/``. The engine is regopy in a child process
(:class:`EmbeddedEngine`) or an OPA server (:class:`OpaServer`); both give the same decision.
"""

from assay.policy.decisions import decide
from assay.policy.document import publish_document
from assay.policy.embedded import EmbeddedEngine
from assay.policy.engine import PolicyEngine, RuleAnswer
from assay.policy.opa_server import OpaServer
from assay.policy.rules import Rule, RuleSet, read_rules

__all__ = [
    "EmbeddedEngine",
    "OpaServer",
    "PolicyEngine",
    "Rule",
    "RuleAnswer",
    "RuleSet",
    "decide",
    "publish_document",
    "read_rules",
]
