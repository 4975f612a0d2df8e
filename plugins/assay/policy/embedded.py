"""The embedded engine: regopy in a child process that is started, asked once, and gone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.errors import PolicyError
from assay.policy.engine import RuleAnswer
from assay.policy.rules import Rule, RuleSet

# -P: the worker's folder must not shadow anyone's modules.
_WORKER = (sys.executable, "-P", str(Path(__file__).with_name("worker.py")))
_COMPLAINT_CHARACTERS = 600
_AFTER_ERROR = (
    "run 'opa check --strict policies'. After 'Maximum statement count reached' the document is"
    " too large for this engine: set OPA_URL to an OPA server"
)


@dataclass(frozen=True)
class EmbeddedEngine:
    """Evaluates rules with regopy, out of process: a crash or a loop costs a decision, no more.

    ``command`` is the worker to start; only tests give another.
    """

    timeout_seconds: float
    command: Sequence[str] = _WORKER

    @property
    def name(self) -> str:
        return "embedded"

    def evaluate(self, rule_set: RuleSet, input_text: str) -> Mapping[str, RuleAnswer]:
        """Evaluate every rule in one query. See :class:`assay.policy.engine.PolicyEngine`."""
        request = {
            "modules": rule_set.modules,
            "query": _write_query(rule_set.rules),
            "input": input_text,
        }
        result = self._ask(json.dumps(request))
        if not isinstance(result, dict) or set(result) != {rule.name for rule in rule_set.rules}:
            raise self._failed(f"its answer is not one for each rule: {result!r}")
        answers = {name: self._read_answer(name, result[name]) for name in result}
        return {name: answer for name, answer in answers.items() if answer is not None}

    def _ask(self, request: str) -> object:
        """Start the worker, hand it the request, return its result."""
        try:
            done = subprocess.run(
                self.command,
                input=request.encode(),
                capture_output=True,
                timeout=self.timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._failed(
                f"it did not answer within {self.timeout_seconds:g} s and was killed",
                "look for a rule that loops, or raise ASSAY_POLICY_TIMEOUT_SECONDS",
            ) from error
        except OSError as error:
            raise self._failed(f"it could not be started: {error}") from error
        complaint = done.stderr.decode(errors="replace").strip()[-_COMPLAINT_CHARACTERS:]
        if done.returncode != 0:
            raise self._failed(f"it ended with exit code {done.returncode}. {complaint}")
        try:
            answer = json.loads(done.stdout)
        except ValueError as error:
            raise self._failed("its answer is not JSON") from error
        if not isinstance(answer, dict) or set(answer) != {"result"}:
            found = answer.get("error") if isinstance(answer, dict) else answer
            raise self._failed(f"it met an error: {found} {complaint}", _AFTER_ERROR)
        return answer["result"]

    def _read_answer(self, name: str, values: object) -> RuleAnswer | None:
        """Read one rule's answer: each part is a list of the values it was found to have."""
        if not isinstance(values, dict) or set(values) != {"allow", "reasons"}:
            raise self._failed(f"its answer for '{name}' is {values!r}")
        allow, reasons = values["allow"], values["reasons"]
        if not isinstance(allow, list) or not isinstance(reasons, list) or len(reasons) > 1:
            raise self._failed(f"its answer for '{name}' is {values!r}")
        if not allow:
            return None
        # Several values stay a list, which is no boolean and so no yes.
        return RuleAnswer(allow[0] if len(allow) == 1 else allow, reasons[0] if reasons else None)

    def _failed(self, found: str, todo: str = "") -> PolicyError:
        return PolicyError(
            f"the embedded policy engine gave no decision: {found}",
            where="assay.policy.worker",
            todo=todo or "run the same command again; if it stays, check that regopy imports",
        )


def _write_query(rules: Sequence[Rule]) -> str:
    """Ask for all rules at once, each value within a list: undefined is then an empty one."""
    parts = [
        f'"{rule.name}": {{"allow": [v | v := data.{rule.package}.allow],'
        f' "reasons": [v | v := data.{rule.package}.reasons]}}'
        for rule in rules
    ]
    return "{" + ", ".join(parts) + "}"
