"""What every secret store does: the local file, the Vault stub, and a real Vault if one is named.

A real Vault: set ASSAY_TEST_VAULT_ADDR, _ROLE_ID, _SECRET_ID_FILE, and perhaps _MOUNT
(``secret``) and _PATH (``assay``); let the role read that path, and store there
``assay-protocol-test`` with ``user=reader`` and ``password=correct-horse``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from assay.errors import SecretError
from assay.secret_store import LocalFileStore, SecretStore, VaultStore, open_store
from stubs.vault_stub import ROLE_ID, SECRET_ID, VaultStub

NAME = "assay-protocol-test"
FIELDS = {"user": "reader", "password": "correct-horse"}


def _local(folder: Path) -> SecretStore:
    path = folder / "secrets.json"
    path.write_text(json.dumps({NAME: FIELDS}))
    path.chmod(0o600)
    return open_store(
        vault_addr="", role_id="", secret_id_file="", mount="", path="", secrets_file=path
    )


def _stub(folder: Path, stub: VaultStub) -> SecretStore:
    (folder / "secret-id").write_text(f"{SECRET_ID}\n")
    stub.secrets[f"secret/assay/{NAME}"] = dict(FIELDS)
    return open_store(
        vault_addr=stub.address,
        role_id=ROLE_ID,
        secret_id_file=str(folder / "secret-id"),
        mount="secret",
        path="assay",
        secrets_file=folder / "unused.json",
    )


def _real(folder: Path) -> SecretStore:
    def setting(name: str, default: str = "") -> str:
        return os.environ.get(f"ASSAY_TEST_VAULT_{name}", default)

    if not setting("ADDR"):
        pytest.skip("no real Vault: ASSAY_TEST_VAULT_ADDR is not set")
    return open_store(
        vault_addr=setting("ADDR"),
        role_id=setting("ROLE_ID"),
        secret_id_file=setting("SECRET_ID_FILE"),
        mount=setting("MOUNT", "secret"),
        path=setting("PATH", "assay"),
        secrets_file=folder / "unused.json",
    )


@pytest.fixture(params=["local file", "vault stub", "real vault"])
def store(request: pytest.FixtureRequest, tmp_path: Path, vault_stub: VaultStub) -> SecretStore:
    if request.param == "local file":
        return _local(tmp_path)
    return _stub(tmp_path, vault_stub) if request.param == "vault stub" else _real(tmp_path)


def test_a_stored_secret_is_returned(store: SecretStore) -> None:
    assert store.get(NAME) == FIELDS


def test_a_healthy_store_passes_its_check(store: SecretStore) -> None:
    store.check()


def test_an_absent_secret_is_named_with_what_to_do(store: SecretStore) -> None:
    with pytest.raises(SecretError) as caught:
        store.get("assay-absent")

    assert "assay-absent" in str(caught.value)
    assert caught.value.todo
    assert not caught.value.retryable
    assert "correct-horse" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "..", "../other", "a/../b", "/a", "a//b", "a?b", "a b", ".a"])
def test_a_name_cannot_lead_elsewhere(tmp_path: Path, vault_stub: VaultStub, name: str) -> None:
    for store in (_local(tmp_path), _stub(tmp_path, vault_stub)):
        with pytest.raises(SecretError, match="is not a secret's name"):
            store.get(name)


def test_the_address_decides_which_store_is_used(tmp_path: Path) -> None:
    def opened(address: str) -> SecretStore:
        return open_store(
            vault_addr=address,
            role_id="",
            secret_id_file="",
            mount="secret",
            path="assay",
            secrets_file=tmp_path / "secrets.json",
        )

    assert isinstance(opened(""), LocalFileStore)
    assert isinstance(opened("http://127.0.0.1:1"), VaultStore)
