"""How failures of Vault are told, against a stub that fails in each way."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from assay.errors import SecretError
from assay.secret_store import VaultStore
from stubs.vault_stub import ROLE_ID, SECRET_ID, VaultStub

PASSWORD = "correct horse"


def _store(
    stub: VaultStub,
    folder: Path,
    *,
    address: str = "",
    role_id: str = ROLE_ID,
    secret_id: str = SECRET_ID,
) -> VaultStore:
    file = folder / "secret-id"
    file.write_text(secret_id)
    stub.secrets["secret/assay/source"] = {"user": "reader", "password": PASSWORD}
    return VaultStore(
        address=address or stub.address,
        role_id=role_id,
        secret_id_file=file,
        mount="secret",
        path="assay",
    )


def _failures(store: VaultStore) -> list[SecretError]:
    """Return how a read and a check fail; both must, within seconds, and show no secret."""
    errors = []
    for call in (lambda: store.get("source"), store.check):
        started = time.monotonic()
        with pytest.raises(SecretError) as caught:
            call()
        assert time.monotonic() - started < 8
        assert not any(secret in str(caught.value) for secret in (PASSWORD, SECRET_ID, "token-"))
        assert caught.value.todo
        errors.append(caught.value)
    return errors


def test_one_login_serves_many_reads(vault_stub: VaultStub, tmp_path: Path) -> None:
    store = _store(vault_stub, tmp_path)

    assert [store.get("source") for _ in range(3)] == [{"user": "reader", "password": PASSWORD}] * 3
    assert vault_stub.logins == 1


def test_an_ended_token_is_renewed_by_another_login(vault_stub: VaultStub, tmp_path: Path) -> None:
    store = _store(vault_stub, tmp_path)
    store.get("source")
    vault_stub.tokens.clear()

    assert store.get("source") == {"user": "reader", "password": PASSWORD}
    assert vault_stub.logins == 2


def test_a_token_from_the_environment_is_not_used(
    vault_stub: VaultStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault_stub.tokens.add("somebody-elses")
    monkeypatch.setenv("VAULT_TOKEN", "somebody-elses")

    _store(vault_stub, tmp_path).get("source")

    assert vault_stub.logins == 1


def test_a_standby_is_healthy(vault_stub: VaultStub, tmp_path: Path) -> None:
    vault_stub.is_standby = True

    _store(vault_stub, tmp_path).check()


def test_a_sealed_vault_may_be_tried_again(vault_stub: VaultStub, tmp_path: Path) -> None:
    vault_stub.is_sealed = True

    reading, checking = _failures(_store(vault_stub, tmp_path))

    assert reading.what == "Vault is sealed or in maintenance (503)"
    assert checking.what == "Vault is sealed"
    assert reading.retryable
    assert checking.retryable
    assert vault_stub.address in reading.where


def test_a_forbidden_path_is_named(vault_stub: VaultStub, tmp_path: Path) -> None:
    vault_stub.forbidden.add("secret/assay/source")

    with pytest.raises(SecretError) as caught:
        _store(vault_stub, tmp_path).get("source")

    assert caught.value.what == "Vault forbids it (403)"
    assert caught.value.where == f"{vault_stub.address}, secret/assay/source, reading a secret"
    assert not caught.value.retryable


@pytest.mark.parametrize("wrong", [{"role_id": "other"}, {"secret_id": "other"}])
def test_a_wrong_login_names_its_settings(
    vault_stub: VaultStub, tmp_path: Path, wrong: dict[str, str]
) -> None:
    for error in _failures(_store(vault_stub, tmp_path, **wrong)):
        assert error.what == "Vault refuses the request (400)"
        assert "VAULT_ROLE_ID" in error.todo
        assert "auth/approle/login" in error.where


def test_a_hanging_vault_is_given_up_within_seconds(vault_stub: VaultStub, tmp_path: Path) -> None:
    vault_stub.hangs = True

    for error in _failures(_store(vault_stub, tmp_path)):
        assert error.what == "Vault does not answer in time"
        assert error.retryable


def test_a_refused_connection_is_given_up_within_seconds(
    vault_stub: VaultStub, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"

        for error in _failures(_store(vault_stub, tmp_path, address=address)):
            assert error.what == "no connection to Vault"
            assert error.retryable


def test_tls_that_cannot_be_trusted_is_named(vault_stub: VaultStub, tmp_path: Path) -> None:
    address = vault_stub.address.replace("http:", "https:")

    for error in _failures(_store(vault_stub, tmp_path, address=address)):
        assert error.what == "Vault's TLS certificate is not trusted, or it speaks no TLS"
        assert not error.retryable


@pytest.mark.parametrize(
    ("status", "what", "is_retryable"),
    [
        (404, "Vault has nothing there (404)", False),
        (429, "Vault limits our requests (429)", True),
        (500, "Vault failed", True),
        (502, "Vault failed", True),
        (418, "Vault failed", True),
    ],
)
def test_each_status_has_its_words(
    vault_stub: VaultStub, tmp_path: Path, status: int, what: str, is_retryable: bool
) -> None:
    vault_stub.fail_with = status

    with pytest.raises(SecretError) as caught:
        _store(vault_stub, tmp_path).get("source")

    assert (caught.value.what, caught.value.retryable) == (what, is_retryable)


@pytest.mark.parametrize("body", [b"<html>a proxy</html>", b"{}", b'{"auth": {}}', b"[]"])
def test_something_that_is_not_vault_is_told(
    vault_stub: VaultStub, tmp_path: Path, body: bytes
) -> None:
    vault_stub.body = body

    for error in _failures(_store(vault_stub, tmp_path)):
        assert "what answers is not Vault" in error.what


def test_an_address_that_is_none_is_told(vault_stub: VaultStub, tmp_path: Path) -> None:
    for error in _failures(_store(vault_stub, tmp_path, address="vault.example.org")):
        assert "VAULT_ADDR cannot be used as an address" in error.what


def test_a_missing_role_is_told_without_asking_vault(vault_stub: VaultStub, tmp_path: Path) -> None:
    error, _ = _failures(_store(vault_stub, tmp_path, role_id=""))

    assert error.todo == "set VAULT_ROLE_ID and VAULT_SECRET_ID_FILE"


def test_an_empty_or_missing_secret_id_is_told(vault_stub: VaultStub, tmp_path: Path) -> None:
    store = _store(vault_stub, tmp_path, secret_id="\n")
    empty, _ = _failures(store)
    (tmp_path / "secret-id").unlink()
    missing, _ = _failures(store)

    assert empty.what == "the AppRole's secret id is empty"
    assert missing.what == "the AppRole's secret id cannot be read: No such file or directory"
    assert missing.where == str(tmp_path / "secret-id")


def test_a_secret_of_other_shape_is_refused(vault_stub: VaultStub, tmp_path: Path) -> None:
    store = _store(vault_stub, tmp_path)
    vault_stub.secrets["secret/assay/source"] = {"password": [PASSWORD]}

    with pytest.raises(SecretError, match="not a set of named texts") as caught:
        store.get("source")

    assert PASSWORD not in str(caught.value)
