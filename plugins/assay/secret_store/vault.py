"""Secrets in HashiCorp Vault: AppRole login, KV version 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import hvac
import requests
from hvac import exceptions as vault_errors
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from assay.errors import SecretError
from assay.secret_store.fields import as_texts, check_name
from assay.secret_store.vault_failures import Place, explain

_CONNECT_TIMEOUT_SECONDS = 2
_READ_TIMEOUT_SECONDS = 5
# A connection that never came about and a broken proxy are worth another try; a Vault that
# hangs or is sealed is not.
_RETRY = Retry(
    total=2,
    connect=2,
    read=False,
    other=0,
    status_forcelist=(502, 504),
    allowed_methods=None,
    backoff_factor=0.2,
    raise_on_status=False,
)
_FAILURES = (vault_errors.VaultError, requests.RequestException)
_SEALED, _NOT_INITIALISED = 503, 501

T = TypeVar("T")


class VaultStore:
    """Reads ``<mount>/<path>/<name>``. Logs in at first use, and again when its token ended."""

    def __init__(
        self, *, address: str, role_id: str, secret_id_file: Path | None, mount: str, path: str
    ) -> None:
        self._address = address
        self._role_id = role_id
        self._secret_id_file = secret_id_file
        self._mount = mount.strip("/")
        self._path = path.strip("/")
        self._client: hvac.Client | None = None

    def get(self, name: str) -> Mapping[str, str]:
        """Return a secret's fields, in its newest version.

        Raises:
            SecretError: it is not there, may not be read, or Vault does not answer.
        """
        check_name(name)
        path = f"{self._path}/{name}".strip("/")
        place = Place(self._address, f"{self._mount}/{path}", "reading a secret")
        try:
            answer = self._read(path, place)
        except vault_errors.Forbidden:
            # The token may have ended; a fresh one tells whether the policy says no.
            self._client = None
            answer = _explained(place, lambda: self._read(path, place))
        except _FAILURES as error:
            raise explain(error, place) from error
        data = answer.get("data") if isinstance(answer, dict) else None
        return as_texts(data.get("data") if isinstance(data, dict) else None, str(place))

    def check(self) -> None:
        """Make sure that Vault is unsealed and lets our role in.

        Raises:
            SecretError: it does not.
        """
        place = Place(self._address, "sys/health", "asking for its health")
        client = self._new_client()
        health = _explained(place, lambda: client.sys.read_health_status(method="GET"))
        status = health.status_code if isinstance(health, requests.Response) else 200
        if status in (_SEALED, _NOT_INITIALISED):
            state = "sealed" if status == _SEALED else "not initialised"
            sealed = SecretError(
                f"Vault is {state}", where=str(place), todo="unseal it, then run again"
            )
            sealed.retryable = True
            raise sealed
        self._client = self._log_in()

    def _read(self, path: str, place: Place) -> object:
        if self._client is None:
            self._client = self._log_in()
        return self._client.secrets.kv.v2.read_secret_version(
            path=path, mount_point=self._mount, raise_on_deleted_version=True
        )

    def _log_in(self) -> hvac.Client:
        secret_id = self._secret_id()
        client = self._new_client()
        place = Place(self._address, "auth/approle/login", "logging in")
        answer = _explained(
            place, lambda: client.auth.approle.login(self._role_id, secret_id, use_token=False)
        )
        auth = answer.get("auth") if isinstance(answer, dict) else None
        if not isinstance(auth, dict) or not auth.get("client_token"):
            raise SecretError(
                "what answers is not Vault: its login returned no token",
                where=str(place),
                todo="check VAULT_ADDR",
            )
        client.token = auth["client_token"]
        return client

    def _new_client(self) -> hvac.Client:
        session = requests.Session()
        session.mount("http://", HTTPAdapter(max_retries=_RETRY))
        session.mount("https://", HTTPAdapter(max_retries=_RETRY))
        client = hvac.Client(
            url=self._address,
            timeout=(_CONNECT_TIMEOUT_SECONDS, _READ_TIMEOUT_SECONDS),
            session=session,
        )
        # hvac would take VAULT_TOKEN or a token file; only our role may let us in.
        client.token = None
        return client

    def _secret_id(self) -> str:
        if not self._role_id or self._secret_id_file is None:
            raise SecretError(
                "Vault's address is set, but not the role to log in with",
                where=self._address,
                todo="set VAULT_ROLE_ID and VAULT_SECRET_ID_FILE",
            )
        try:
            secret_id = self._secret_id_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SecretError(
                f"the AppRole's secret id cannot be read: {error.strerror}",
                where=str(self._secret_id_file),
                todo="write it there with mode 600, or correct VAULT_SECRET_ID_FILE",
            ) from error
        if not secret_id:
            raise SecretError(
                "the AppRole's secret id is empty",
                where=str(self._secret_id_file),
                todo="write a new one there: vault write -f auth/approle/role/<role>/secret-id",
            )
        return secret_id


def _explained(place: Place, call: Callable[[], T]) -> T:
    try:
        return call()
    except _FAILURES as error:
        raise explain(error, place) from error
