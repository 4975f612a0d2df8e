"""The gate fails closed: every way in which there is no clean yes is a no."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest
from policy_samples import write_rule

from assay.domain import Decision
from assay.errors import PolicyError
from assay.policy import EmbeddedEngine, OpaServer, decide
from assay.policy.input_text import write_input

YES = "default allow := false\n\nallow if input.ok == true"
LOOP = """default allow := false

ones := numbers.range(1, 1000)

allow if {
\tsome a in ones
\tsome b in ones
\tsome c in ones
\ta * b * c == -1
}"""


def worker(script: str) -> EmbeddedEngine:
    """An engine whose worker is a stand-in that runs this Python."""
    return EmbeddedEngine(5, (sys.executable, "-c", script))


def test_one_yes_is_allowed(tmp_path: Path) -> None:
    write_rule(tmp_path, "a", YES)
    assert decide(EmbeddedEngine(60), tmp_path, "gate", {"ok": True}) == Decision(
        True, "embedded", (), ("a",)
    )


def test_one_no_among_yeses_is_denied_and_named_by_its_title(tmp_path: Path) -> None:
    write_rule(tmp_path, "a", YES)
    path = write_rule(tmp_path, "b", "default allow := false")
    path.write_text(f"# METADATA\n# title: Never\n{path.read_text()}")
    assert decide(EmbeddedEngine(60), tmp_path, "gate", {"ok": True}) == Decision(
        False, "embedded", ("b: Never (no reason given)",), ("a", "b")
    )


@pytest.mark.parametrize(
    ("allow", "message"),
    [
        pytest.param("allow if input.absent", "finds it undefined", id="undefined"),
        pytest.param('allow := "true"', "'allow' is str, not a boolean", id="text"),
        pytest.param("allow := 1", "'allow' is int, not a boolean", id="number"),
        pytest.param("allow contains true", "'allow' is list, not a boolean", id="set"),
        pytest.param("allow := true if {", "met an error", id="syntax error"),
        pytest.param("allow if data.nobody.knows(1)", "met an error", id="unknown function"),
        pytest.param("allow := true\n\nallow := false", "met an error", id="two answers"),
        pytest.param("allow if trim_space(input.n)", "operand 1 must be string", id="builtin"),
        pytest.param("allow if not trim_space(input.n)", "operand 1", id="negated builtin error"),
        pytest.param("default allow := false\n\nreasons := 5", "'reasons' is int", id="reasons"),
    ],
)
def test_improper_answer_is_a_no(tmp_path: Path, allow: str, message: str) -> None:
    write_rule(tmp_path, "a", YES)
    write_rule(tmp_path, "b", allow)
    with pytest.raises(PolicyError, match=message):
        decide(EmbeddedEngine(60), tmp_path, "gate", {"ok": True, "n": 5})


def test_looping_rule_is_killed_in_time(tmp_path: Path) -> None:
    write_rule(tmp_path, "a", LOOP)
    start = time.monotonic()
    with pytest.raises(PolicyError, match="did not answer within 1 s and was killed"):
        decide(EmbeddedEngine(1), tmp_path, "gate", {})
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param("import time; time.sleep(60)", "did not answer within 5 s", id="hangs"),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            f"ended with exit code -{int(signal.SIGKILL)}",
            id="killed",
        ),
        pytest.param("raise SystemExit('boom')", "exit code 1. boom", id="crashes"),
        pytest.param("pass", "its answer is not JSON", id="says nothing"),
        pytest.param("print('allowed')", "its answer is not JSON", id="is no JSON"),
        pytest.param("print('true')", "met an error: True", id="only true"),
        pytest.param("print('{}')", "met an error: None", id="empty object"),
        pytest.param("print('{\"result\": {}}')", "not one for each rule", id="no rule"),
        pytest.param(
            'print(\'{"result": {"a": {"allow": [true], "reasons": []}, "b": 1}}\')',
            "not one for each rule",
            id="a rule too many",
        ),
        pytest.param('print(\'{"result": {"a": true}}\')', "answer for 'a' is True", id="bare"),
        pytest.param(
            'print(\'{"result": {"a": {"allow": true, "reasons": []}}}\')',
            "answer for 'a' is",
            id="allow is no list",
        ),
        pytest.param(
            'print(\'{"result": {"a": {"allow": [true, true], "reasons": []}}}\')',
            "'allow' is list",
            id="yes twice",
        ),
        pytest.param(
            'print(\'{"result": {"a": {"allow": [true], "reasons": []}}, "error": 1}\')',
            "met an error: 1",
            id="yes and an error",
        ),
    ],
)
def test_worker_that_misbehaves_is_a_no(tmp_path: Path, script: str, message: str) -> None:
    write_rule(tmp_path, "a", YES)
    with pytest.raises(PolicyError, match=message):
        decide(worker(script), tmp_path, "gate", {"ok": True})


def test_worker_that_cannot_start_is_a_no(tmp_path: Path) -> None:
    write_rule(tmp_path, "a", YES)
    with pytest.raises(PolicyError, match="could not be started"):
        decide(EmbeddedEngine(5, (str(tmp_path / "nothing"),)), tmp_path, "gate", {"ok": True})


def test_worker_gives_policies_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_TEST_SECRET", "hush")
    body = "default allow := false\n\nreasons contains name if some name, _ in opa.runtime().env"
    write_rule(tmp_path, "a", body)
    decision = decide(EmbeddedEngine(60), tmp_path, "gate", {})
    assert decision.denials == ("a: a (no reason given)",)


def test_unreachable_server_is_a_no(tmp_path: Path) -> None:
    write_rule(tmp_path, "a", YES)
    with pytest.raises(PolicyError, match="cannot be reached") as caught:
        decide(OpaServer("http://user:secret@127.0.0.1:9", 5), tmp_path, "gate", {"ok": True})
    assert "secret" not in str(caught.value)


def test_rules_are_wanted(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for domain in ("gate", "empty", "../gate", "Gate"):
        with pytest.raises(PolicyError, match="no policy rule was found"):
            decide(EmbeddedEngine(60), tmp_path, domain, {})


def test_what_would_silently_not_be_evaluated_is_a_no(tmp_path: Path) -> None:
    def message() -> str:
        with pytest.raises(PolicyError) as caught:
            decide(EmbeddedEngine(60), tmp_path, "gate", {"ok": True})
        return caught.value.what

    write_rule(tmp_path, "a", YES)
    (tmp_path / "gate" / "b").mkdir()
    assert message() == "the rule 'b' has no policy: expected b.rego"
    write_rule(tmp_path, "b", "allow := true", package="gate.a")
    assert message() == "the package is 'gate.a', expected 'gate.b' as its path says"
    write_rule(tmp_path, "b", YES)
    stray = tmp_path / "gate" / "c.rego"
    stray.write_text("package gate.c\n")
    assert message() == "a policy lies outside a rule's folder and would not be evaluated"
    stray.unlink()
    (tmp_path / "gate" / "b-2").mkdir()
    assert message().startswith("the rule's folder is named 'b-2'")
    (tmp_path / "gate" / "b-2").rmdir()
    (tmp_path / "gate" / "b" / "b.rego").write_bytes(b"package gate.b\n\xff")
    assert message().startswith("a policy could not be read")


@pytest.mark.parametrize(
    ("document", "path", "found"),
    [
        pytest.param({"a": "x\x00y"}, "$.a", "U+0000", id="NUL"),
        pytest.param({"a": ["\n"]}, "$.a[0]", "U+000A", id="line break"),
        pytest.param({"a": {"b\x7f": 1}}, "$.a.b\\x7f", "U+007F", id="in a key"),
        pytest.param({"a": "\x85"}, "$.a", "U+0085", id="C1 control"),
        pytest.param({"a": "b\\u0041"}, "$.a", "a backslash at position 1", id="backslash"),
        pytest.param({"a": "\ud800"}, "$.a", "U+D800", id="half a surrogate pair"),
        pytest.param({"a": [{"b": 2**53 + 1}]}, "$.a[0].b", "beyond 2^53", id="2^53+1"),
        pytest.param({"a": -(2**53) - 1}, "$.a", "beyond 2^53", id="-2^53-1"),
        pytest.param({"a": 1e300}, "$.a", "beyond 2^53", id="large float"),
        pytest.param({"a": float("nan")}, "$.a", "finite", id="NaN"),
        pytest.param({"a": float("inf")}, "$.a", "finite", id="infinity"),
        pytest.param({"a": {1: 2}}, "$.a", "a key is int", id="key is a number"),
        pytest.param({"a": {1, 2}}, "$.a", "it is set", id="set"),
        pytest.param({"a": b"x"}, "$.a", "it is bytes", id="bytes"),
    ],
)
def test_document_that_engines_would_read_differently_is_refused(
    tmp_path: Path, document: dict[str, object], path: str, found: str
) -> None:
    write_rule(tmp_path, "a", "default allow := true")
    with pytest.raises(PolicyError) as caught:
        decide(EmbeddedEngine(60), tmp_path, "gate", document)
    assert (caught.value.where, found in caught.value.what) == (path, True)


def test_document_nested_too_deep_is_refused() -> None:
    document: dict[str, object] = {}
    for _ in range(100):
        document = {"a": document}
    with pytest.raises(PolicyError, match="more than 64 deep"):
        write_input(document)


def test_largest_numbers_and_unicode_are_written_as_they_are() -> None:
    document = {"a": [2**53, -(2**53), 0.5, True, None], "é": 'Zoë 😀 "'}
    text = '{"a": [9007199254740992, -9007199254740992, 0.5, true, null], "é": "Zoë 😀 \\""}'
    assert write_input(document) == text
