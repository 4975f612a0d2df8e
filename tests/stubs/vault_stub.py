"""A stub of Vault for tests: AppRole login, KV v2 reads, health, and ways to fail.

It is no Vault: it knows one role and holds its secrets in memory. The same protocol tests run
against a real Vault where ASSAY_TEST_VAULT_ADDR names one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROLE_ID = "stub-role"
SECRET_ID = "stub-secret-id"


@dataclass
class VaultStub:
    """What the stub holds and how it behaves; change it while it runs.

    ``secrets`` maps ``mount/path`` to fields. ``fail_with`` answers every request with this
    status. ``hangs`` answers none until the stub stops.
    """

    address: str = ""
    secrets: dict[str, dict[str, object]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    logins: int = 0
    is_sealed: bool = False
    is_standby: bool = False
    fail_with: int = 0
    body: bytes | None = None
    hangs: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)


@contextmanager
def run_vault_stub() -> Iterator[VaultStub]:
    """Run a stub on a free port of this machine."""
    stub = VaultStub()
    handler = type("Handler", (_Handler,), {"stub": stub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    stub: VaultStub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.split("?")[0].removeprefix("/v1/")
        if self._has_failed(path):
            return
        mount, _, key = path.partition("/data/")
        token = self.headers.get("X-Vault-Token", "")
        name = f"{mount}/{key}"
        if path == "sys/health":
            self._answer(429 if self.stub.is_standby else 200, {"sealed": False})
        elif token not in self.stub.tokens or name in self.stub.forbidden:
            self._answer(403, {"errors": ["permission denied"]})
        elif name not in self.stub.secrets:
            self._answer(404, {"errors": []})
        else:
            data = {"data": self.stub.secrets[name], "metadata": {"version": 1}}
            self._answer(200, {"data": data})

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        path = self.path.removeprefix("/v1/")
        if self._has_failed(path):
            return
        if path != "auth/approle/login":
            self._answer(404, {"errors": [f'no handler for route "{path}"']})
        elif sent != {"role_id": ROLE_ID, "secret_id": SECRET_ID}:
            self._answer(400, {"errors": ["invalid role or secret ID"]})
        else:
            self.stub.logins += 1
            token = f"stub-token-{self.stub.logins}"
            self.stub.tokens.add(token)
            self._answer(200, {"auth": {"client_token": token, "lease_duration": 60}})

    def _has_failed(self, path: str) -> bool:
        if self.stub.hangs:
            self.stub.stopped.wait(30)
            self.close_connection = True
            return True
        if self.stub.body is not None:
            self._send(200, self.stub.body)
        elif self.stub.fail_with:
            self._answer(self.stub.fail_with, {"errors": ["made to fail"]})
        elif self.stub.is_sealed:
            self._answer(503, {"errors": ["Vault is sealed"], "sealed": True})
        else:
            return False
        return True

    def _answer(self, status: int, body: dict[str, object]) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: requests carry secrets."""
