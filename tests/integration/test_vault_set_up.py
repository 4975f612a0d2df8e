"""What sets Vault up for the containers: once, again where Vault forgot, and not twice."""

from __future__ import annotations

import json
import os
import re
import runpy
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import hvac
import pytest


class FakeVault(BaseHTTPRequestHandler):
    """Stands for Vault, which cannot run here: records each call, answers as Vault would."""

    calls: list[tuple[str, str, Any]]
    is_sealed = False

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        known = {path for method, path, _ in self.calls if method in ("POST", "PUT")}
        self.calls.append((self.command, self.path, body))
        path = self.path.replace("/metadata/", "/data/")
        is_missing = path != self.path and path not in known
        self.send_response(503 if self.is_sealed else 404 if is_missing else 200)
        self.end_headers()
        self.wfile.write(b'{"data": {}}')

    do_GET = do_POST = do_PUT = answer  # noqa: N815, the names are http.server's

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def vault() -> Iterator[HTTPServer]:
    FakeVault.calls, FakeVault.is_sealed = [], False
    server = HTTPServer(("127.0.0.1", 0), FakeVault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


SET_UP = Path(__file__).resolve().parents[2] / "deploy/vault/initialise.py"
DEMO = "/v1/secret/data/assay/reference_database"


def set_up_environ(vault: HTTPServer, file: Path) -> dict[str, str]:
    return {
        **os.environ,
        "VAULT_ADDR": f"http://127.0.0.1:{vault.server_port}",
        "VAULT_TOKEN": "root-token",
        "VAULT_ROLE_ID": "the-role",
        "VAULT_SECRET_ID_FILE": str(file),
        "REFERENCE_DATABASE_PASSWORD": "the-password",
    }


def test_vault_set_up_keeps_its_ids_from_one_time_to_the_next(
    vault: HTTPServer, tmp_path: Path
) -> None:
    file = tmp_path / "secret-id"
    environ = set_up_environ(vault, file)
    for _ in range(2):
        subprocess.run([sys.executable, SET_UP], env=environ, check=True, timeout=60)
    secret_id = file.read_text()
    assert len(secret_id) == 48
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    bodies = {path: body for _, path, body in FakeVault.calls}
    assert bodies["/v1/auth/approle/role/assay/role-id"] == {"role_id": "the-role"}
    custom = "/v1/auth/approle/role/assay/custom-secret-id"
    sent = [body["secret_id"] for _, path, body in FakeVault.calls if path == custom]
    assert sent == [secret_id, secret_id]
    demo = bodies[DEMO]["data"]
    assert demo == {"user": "reference", "password": "the-password"}
    policy = bodies["/v1/sys/policy/assay"]["policy"]
    assert re.findall(r'path "([^"]+)"\s+\{ capabilities = (.+) \}', policy) == [
        ("secret/data/assay/*", '["read"]'),
        ("secret/data/airflow/*", '["read"]'),
    ]


def keep_vault(vault: HTTPServer, pause: Callable[[], None], password: str = "first") -> None:
    """Keep the vault set up until ``pause`` stops it."""
    script = runpy.run_path(str(SET_UP))
    client = hvac.Client(url=f"http://127.0.0.1:{vault.server_port}", token="root-token")

    def set_up() -> None:
        script["initialise"](client, "the-role", "the-secret-id", {"password": password})

    with pytest.raises(KeyboardInterrupt):
        script["keep"](client, set_up, pause)


def test_a_vault_that_forgot_everything_is_set_up_again(
    vault: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    writes: list[int] = []

    def pause() -> None:
        """Restart Vault after the first look, seal it after the second; stop after the last."""
        writes.append(sum(path == DEMO for _, path, _ in FakeVault.calls))
        if len(writes) == 2:
            FakeVault.calls.clear()
        FakeVault.is_sealed = len(writes) in (3, 4)
        if len(writes) == 6:
            raise KeyboardInterrupt

    keep_vault(vault, pause)
    assert writes == [1, 1, 1, 1, 1, 1]
    told = capsys.readouterr().out.splitlines()
    done = "Vault is set up: role 'assay', secret 'assay/reference_database'."
    assert told == [done, done, "Vault cannot be set up now (VaultDown); trying again."]


def test_new_settings_are_written_once_to_a_vault_that_is_set_up(vault: HTTPServer) -> None:
    def pause() -> None:
        looks.append(None)
        if len(looks) % 3 == 0:
            raise KeyboardInterrupt

    looks: list[None] = []
    for password in ("first", "second"):
        keep_vault(vault, pause, password)
    written = [body["data"]["password"] for _, path, body in FakeVault.calls if path == DEMO]
    assert written == ["first", "second"]


def test_the_health_check_says_whether_vault_is_set_up(vault: HTTPServer, tmp_path: Path) -> None:
    environ = set_up_environ(vault, tmp_path / "secret-id")
    check = [sys.executable, str(SET_UP), "check"]
    assert subprocess.run(check, env=environ, check=False, timeout=60).returncode == 1
    subprocess.run([sys.executable, SET_UP], env=environ, check=True, timeout=60)
    assert subprocess.run(check, env=environ, check=False, timeout=60).returncode == 0
