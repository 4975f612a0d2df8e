"""A real OPA server against the embedded engine: the same answers to the same documents."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from assay.domain import Decision
from assay.errors import PolicyError
from assay.policy import EmbeddedEngine, OpaServer, PolicyEngine, RuleAnswer, decide, read_rules
from assay.policy.input_text import write_input
from publish_policies import CASES, POLICIES, RULES

ROOT = Path(__file__).parents[2]
ServeOpa = Callable[..., str]


def find_opa() -> str:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    named = os.environ.get("ASSAY_TEST_OPA", "")
    found = named or shutil.which(str(cache / "assay" / "bin" / "opa")) or shutil.which("opa")
    if not found:
        pytest.skip("OPA is not installed: run .ci/install-opa, or set ASSAY_TEST_OPA")
    return found


@pytest.fixture(scope="session")
def serve_opa() -> Iterator[ServeOpa]:
    """Start OPA servers on given folders, as README.md of the policies says."""
    opa = find_opa()
    started = []

    def serve(*folders: Path) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        command = [opa, "run", "--server", "--addr", address, "--log-level", "error"]
        command += ["--disable-telemetry", "--ignore", "*.json", *map(str, folders)]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        _wait_until_healthy(f"http://{address}/health", started[-1])
        return f"http://{address}"

    yield serve
    for each in started:
        each.kill()
        each.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=1).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise RuntimeError(f"OPA did not become healthy (exit code {process.poll()})")


@pytest.fixture(scope="session")
def opa(serve_opa: ServeOpa) -> OpaServer:
    return OpaServer(serve_opa(POLICIES), 60)


@pytest.mark.parametrize("rule", RULES)
def test_opa_decides_as_the_tables_say(opa: OpaServer, rule: str) -> None:
    rule_set = read_rules(POLICIES, "publish")
    expected = {case["name"]: RuleAnswer(case["allow"], case["reasons"]) for case in CASES[rule]}
    found = {
        case["name"]: opa.evaluate(rule_set, write_input(case["input"]))[rule]
        for case in CASES[rule]
    }
    assert found == expected


@pytest.mark.parametrize("rule", RULES)
def test_engines_agree_on_every_rule_for_every_tables_inputs(opa: OpaServer, rule: str) -> None:
    """Each rule's inputs are strange ones for the others: keys that they want are missing."""
    rule_set = read_rules(POLICIES, "publish")
    embedded = EmbeddedEngine(60)
    for case in CASES[rule]:
        text = write_input(case["input"])
        assert embedded.evaluate(rule_set, text) == opa.evaluate(rule_set, text), case["name"]


def _table(**changes: object) -> dict[str, object]:
    table: dict[str, object] = {
        "table": "gold.a",
        "layer": "gold",
        "version": 4,
        "published": True,
        "columns": ["id"],
        "contract": {
            "product": "p",
            "table": "gold.a",
            "version": "1",
            "owner": "ops",
            "end_of_support": "2026-06-01",
            "columns": [{"name": "id", "personal_data": False, "classification": ""}],
        },
        "checks": [{"version": 4, "severity": "critical", "status": "passed"}],
    }
    return {**table, **changes}


def _document(**changes: object) -> dict[str, object]:
    run = {"started_on": "2026-06-01"}
    return {"product": "p", "owner": "ops", "run": run, "tables": [_table()], **changes}


TEXTS = (
    "Zoë",
    "資料チーム",
    "😀",
    "e\u0301",
    "\u00a0todo\u3000",
    "\u200b",
    "İ",
    '"',
    "\\",
    'a"b\\c/d',
    "\\u0041",
    "{{x}} %s %v $y `z`",
    "<&>",
    "-",
    "",
)
AWKWARD = {
    **{f"owner {text!r}": _document(owner=text) for text in TEXTS},
    **{f"table {text!r}": _document(tables=[_table(table=text)]) for text in TEXTS},
    **{f"column {text!r}": _document(tables=[_table(columns=[text])]) for text in TEXTS},
    **{
        f"version {version!r}": _document(
            tables=[_table(version=version, checks=[{"version": version}])]
        )
        for version in (0, -1, 2**31, 2**53, -(2**53), 1.0, 0.1, 123456.789, True, None, "4", [])
    },
    **{
        f"{key} {value!r}": _document(tables=[_table(**{key: value})])
        for key in ("contract", "checks", "columns", "published", "table")
        for value in (None, [], {}, "", "text", 0, 7, True, [[]], [{}], [None])
    },
    **{
        f"tables {value!r}": _document(tables=value)
        for value in (None, [], {}, "", 0, True, [[]], [{}], [None], ["x"], {"a": _table()})
    },
    **{
        f"without {key}": _document(tables=[{k: v for k, v in _table().items() if k != key}])
        for key in _table()
    },
    "good": _document(),
    "empty": {},
    "same table twice": _document(tables=[_table(), _table()]),
    "keys of other scripts": {**_document(), "clé": {"ключ": "值"}, 'q"': 1},
}


def _outcome(engine: PolicyEngine, document: dict[str, object]) -> object:
    """The decision without the engine's name, or that there was none (a no as well)."""
    try:
        decision = decide(engine, POLICIES, "publish", document)
    except PolicyError as error:
        return error.code
    return (decision.allowed, decision.denials, decision.rules)


@pytest.mark.parametrize("name", AWKWARD)
def test_engines_agree_on_awkward_documents(opa: OpaServer, name: str) -> None:
    answers = [_outcome(engine, AWKWARD[name]) for engine in (EmbeddedEngine(60), opa)]
    assert answers[0] == answers[1]


def test_the_good_document_is_allowed_by_both(opa: OpaServer) -> None:
    for engine in (EmbeddedEngine(60), opa):
        decision = decide(engine, POLICIES, "publish", _document())
        assert decision == Decision(True, engine.name, (), RULES)


def test_builtin_error_is_a_no_though_negated(serve_opa: ServeOpa, tmp_path: Path) -> None:
    _write(tmp_path, "default allow := false\n\nallow if not trim_space(input.n)")
    with pytest.raises(PolicyError, match="HTTP 500"):
        decide(OpaServer(serve_opa(tmp_path), 60), tmp_path, "gate", {"n": 5})


def test_server_without_the_policies_is_a_no(serve_opa: ServeOpa) -> None:
    with pytest.raises(PolicyError, match="does not hold the policies") as caught:
        decide(OpaServer(serve_opa(), 60), POLICIES, "publish", _document())
    assert "publish/owner_named/owner_named.rego" in caught.value.what


def test_server_with_other_policies_is_a_no(serve_opa: ServeOpa, tmp_path: Path) -> None:
    url = serve_opa(POLICIES)
    edited = tmp_path / "policies"
    shutil.copytree(POLICIES, edited)
    path = edited / "publish" / "owner_named" / "owner_named.rego"
    path.write_text(path.read_text("utf-8").replace('"tbd",', '"tbc",'), "utf-8")
    with pytest.raises(PolicyError, match=r"Absent or different there: publish/owner_named/"):
        decide(OpaServer(url, 60), edited, "publish", _document())


@pytest.mark.parametrize("package", ["gate.a", "gate.other", "gate"])
def test_server_where_others_speak_in_the_domain_is_a_no(
    serve_opa: ServeOpa, tmp_path: Path, package: str
) -> None:
    _write(tmp_path / "policies", "default allow := false")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "f.rego").write_text(f"package {package}\n\nextra := true\n")
    url = serve_opa(tmp_path / "policies", foreign)
    with pytest.raises(PolicyError, match=r"There, but not on disk: .*f\.rego"):
        decide(OpaServer(url, 60), tmp_path / "policies", "gate", {})


def test_server_of_many_teams_decides(serve_opa: ServeOpa, tmp_path: Path) -> None:
    _write(tmp_path / "policies", "default allow := false\n\nallow if input.ok")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "f.rego").write_text("package kubernetes.gate\n\ndefault allow := true\n")
    engine = OpaServer(serve_opa(tmp_path / "policies", foreign), 60)
    for ok in (True, False):
        assert decide(engine, tmp_path / "policies", "gate", {"ok": ok}).allowed is ok


def test_server_with_a_bundle_decides(serve_opa: ServeOpa, tmp_path: Path) -> None:
    """As a central OPA gets its policies; see README.md of the policies."""
    bundle = tmp_path / "bundle.tar.gz"
    command = [find_opa(), "build", "-b", str(POLICIES), "--ignore", "*.json", "-o", str(bundle)]
    subprocess.run(command, check=True, timeout=60)
    engine = OpaServer(serve_opa(bundle), 60)
    assert decide(engine, POLICIES, "publish", _document()).allowed
    assert not decide(engine, POLICIES, "publish", {}).allowed


def test_policies_are_formatted_and_strict() -> None:
    done = subprocess.run(
        [str(ROOT / ".ci" / "check-policies")],
        env={**os.environ, "ASSAY_TEST_OPA": find_opa()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    count = len(list(POLICIES.rglob("*.rego")))
    assert f"{count} policies are formatted and pass" in done.stdout


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        pytest.param(200, b"yes", "is not JSON", id="no JSON"),
        pytest.param(200, b"[]", "is not a JSON object", id="a list"),
        pytest.param(200, b"{}", "list of policies cannot be read", id="no list"),
        pytest.param(200, b'{"result": [{"id": "x"}]}', "without text", id="no text"),
        pytest.param(401, b"{}", "HTTP 401", id="not authorised"),
        pytest.param(302, b"{}", "HTTP 302", id="sends elsewhere"),
        pytest.param(503, b"", "HTTP 503", id="unavailable"),
    ],
)
def test_malformed_answer_is_a_no(status: int, body: bytes, message: str) -> None:
    """A stand-in server: a real OPA does not answer so."""
    with _stand_in(status, body) as url, pytest.raises(PolicyError, match=message):
        decide(OpaServer(url, 5), POLICIES, "publish", _document())


@pytest.mark.parametrize("pause_seconds", [30.0, 0.3], ids=["hangs", "drips"])
def test_server_that_does_not_finish_is_a_no(pause_seconds: float) -> None:
    start = time.monotonic()
    with (
        _stand_in(200, b" " * 100, pause_seconds) as url,
        pytest.raises(PolicyError, match="did not answer within 1 s"),
    ):
        decide(OpaServer(url, 1), POLICIES, "publish", _document())
    assert time.monotonic() - start < 10


class _stand_in:  # noqa: N801 - used as a function
    """A server that answers everything with one body, a byte a pause if there is one."""

    def __init__(self, status: int, body: bytes, pause_seconds: float = 0) -> None:
        stopped = self.stopped = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()
                for start in range(len(body)) if pause_seconds else ():
                    if stopped.wait(pause_seconds):
                        return
                    self.wfile.write(body[start : start + 1])
                if not pause_seconds:
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()


def _write(policies: Path, body: str) -> None:
    folder = policies / "gate" / "a"
    folder.mkdir(parents=True)
    (folder / "a.rego").write_text(f"package gate.a\n\n{body}\n")
