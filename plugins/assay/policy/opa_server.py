"""An OPA server as the engine: it decides only while it holds exactly the policies on disk.

Nothing is uploaded. A team's central OPA gets its policies by its own way (files that it was
started with, or a bundle), reviewed there, and seldom lets clients write. So this engine reads
what the server holds and compares: each module's text must be there unchanged, and no other
module may speak in the domain's packages, where it could add an ``allow``. If not, it is a no,
and the error names the modules. A bundle must therefore be built without optimisation, which
rewrites modules.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from assay.errors import PolicyError
from assay.policy.engine import RuleAnswer
from assay.policy.rules import RuleSet

if TYPE_CHECKING:
    import requests

_LARGEST_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class OpaServer:
    """Asks the OPA server at ``url``. ``timeout_seconds`` covers one decision, all of it."""

    url: str
    timeout_seconds: float

    @property
    def name(self) -> str:
        return "opa"

    def evaluate(self, rule_set: RuleSet, input_text: str) -> Mapping[str, RuleAnswer]:
        """Evaluate the whole domain in one request. See :class:`assay.policy.PolicyEngine`."""
        deadline = time.monotonic() + self.timeout_seconds
        self._verify(rule_set, self._call("GET", "/v1/policies", deadline))
        answer = self._call(
            "POST",
            f"/v1/data/{rule_set.domain}?strict-builtin-errors=true",
            deadline,
            body='{"input": ' + input_text + "}",
        )
        values = answer.get("result", {})
        if not isinstance(values, dict):
            raise self._failed(f"its result is {type(values).__name__}, expected an object")
        answers = {}
        for rule in rule_set.rules:
            value = values.get(rule.name)
            if isinstance(value, dict) and "allow" in value:
                answers[rule.name] = RuleAnswer(value["allow"], value.get("reasons"))
        return answers

    def _verify(self, rule_set: RuleSet, answer: Mapping[str, object]) -> None:
        """Compare the modules that the server holds in the domain's packages with the disk's."""
        listed = answer.get("result")
        if not isinstance(listed, list):
            raise self._failed("its list of policies cannot be read")
        held = [_read_module(each) for each in listed]
        if None in held:
            raise self._failed("its list of policies has an entry without text and package")
        wanted = set(rule_set.modules.values())
        speaking = [each for each in held if each and _overlap(each[1], rule_set.domain)]
        texts = [text for _, _, text in speaking]
        absent = sorted(path for path, text in rule_set.modules.items() if text not in texts)
        foreign = sorted(name for name, _, text in speaking if text not in wanted)
        if absent or foreign:
            raise self._failed(
                "it does not hold the policies that are on disk."
                f" Absent or different there: {', '.join(absent) or 'none'}."
                f" There, but not on disk: {', '.join(foreign) or 'none'}",
                "deploy policies/ to the server (see policies/README.md), then run again",
            )

    def _call(self, method: str, path: str, deadline: float, body: str = "") -> dict[str, object]:
        """Send one request and read its JSON object, all before the deadline."""
        import requests  # imported here: the embedded engine never needs it
        import urllib3

        try:
            with requests.request(
                method,
                self.url.rstrip("/") + path,
                data=body.encode() or None,
                headers={"Content-Type": "application/json"},
                timeout=max(deadline - time.monotonic(), 0.001),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._read(response, deadline)
                status = response.status_code
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise self._late() from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            kind = type(error).__name__
            raise self._out_of_reach(
                f"it cannot be reached ({kind})", "start it, or unset OPA_URL"
            ) from error
        if status != 200:
            raise self._failed(
                f"{method} {path} was answered with HTTP {status}: {content[:400]!r}"
            )
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise self._failed(f"its answer to {method} {path} is not JSON") from error
        if not isinstance(answer, dict):
            raise self._failed(f"its answer to {method} {path} is not a JSON object")
        return answer

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        content = bytearray()
        # read1: what has come so far, so that a server that drips is found out in time.
        while chunk := response.raw.read1(65536, decode_content=True):
            content += chunk
            if time.monotonic() > deadline:
                raise self._late()
            if len(content) > _LARGEST_ANSWER_BYTES:
                raise self._failed(f"its answer is over {_LARGEST_ANSWER_BYTES} bytes")
        return bytes(content)

    def _late(self) -> PolicyError:
        return self._out_of_reach(f"it did not answer within {self.timeout_seconds:g} s")

    def _out_of_reach(self, found: str, todo: str = "") -> PolicyError:
        """Still a no; but the same question may be answered later."""
        error = self._failed(found, todo)
        error.retryable = True
        return error

    def _failed(self, found: str, todo: str = "") -> PolicyError:
        return PolicyError(
            f"the OPA server gave no decision: {found}",
            where=_without_credentials(self.url),
            todo=todo
            or "look at the server's log; unset OPA_URL to let the embedded engine decide",
        )


def _read_module(listed: object) -> tuple[str, tuple[str, ...], str] | None:
    """Read one listed policy as (id, package path below ``data``, text)."""
    if not isinstance(listed, dict):
        return None
    try:
        path = tuple(str(part["value"]) for part in listed["ast"]["package"]["path"][1:])
    except (KeyError, TypeError):
        return None
    text = listed.get("raw")
    return (str(listed.get("id")), path, text) if isinstance(text, str) else None


def _overlap(package: tuple[str, ...], domain: str) -> bool:
    """Whether a module of this package can define something below ``data.<domain>``."""
    return not package or package[0] == domain


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))
