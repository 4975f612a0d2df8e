"""What went wrong with Vault, in words. The third party's own text stays out."""

from __future__ import annotations

from dataclasses import dataclass

import requests
from hvac import exceptions as vault_errors

from assay.errors import SecretError

_Answer = tuple[type[Exception], str, str, bool]

# First match wins: a subclass stands before its base. (class, what, todo, retryable)
_ANSWERS: tuple[_Answer, ...] = (
    (
        vault_errors.VaultDown,
        "Vault is sealed or in maintenance (503)",
        "unseal it, then run again",
        True,
    ),
    (
        vault_errors.Forbidden,
        "Vault forbids it (403)",
        "give the role's policy `read` on this path, and check that its secret id is valid",
        False,
    ),
    (
        vault_errors.InvalidPath,
        "Vault has nothing there (404)",
        "store it: vault kv put <mount>/<path> user=… password=…; or check VAULT_MOUNT and"
        " VAULT_PATH (for a login: enable approle)",
        False,
    ),
    (
        vault_errors.InvalidRequest,
        "Vault refuses the request (400)",
        "check VAULT_ROLE_ID, and the secret id in VAULT_SECRET_ID_FILE: it may be used up or"
        " expired",
        False,
    ),
    (
        vault_errors.RateLimitExceeded,
        "Vault limits our requests (429)",
        "run again in a while",
        True,
    ),
    (
        vault_errors.VaultError,
        "Vault failed",
        "look into Vault's own log, then run again",
        True,
    ),
    (
        requests.exceptions.SSLError,
        "Vault's TLS certificate is not trusted, or it speaks no TLS",
        "set VAULT_CACERT to the authority's certificate, and check the host in VAULT_ADDR",
        False,
    ),
    (
        requests.exceptions.Timeout,
        "Vault does not answer in time",
        "check that Vault runs and the network lets us reach it, then run again",
        True,
    ),
    (
        requests.exceptions.ConnectionError,
        "no connection to Vault",
        "check that Vault runs, and VAULT_ADDR, then run again",
        True,
    ),
    (
        requests.exceptions.RequestException,
        "VAULT_ADDR cannot be used as an address, or its answer cannot be read",
        "set it to an address such as https://vault.example.org:8200",
        False,
    ),
)


@dataclass(frozen=True)
class Place:
    """Which call to which Vault."""

    address: str
    path: str
    action: str

    def __str__(self) -> str:
        return f"{self.address}, {self.path}, {self.action}"


def explain(error: Exception, place: Place) -> SecretError:
    """Turn an error of hvac or requests into ours: what, where, what to do."""
    for kind, what, todo, is_retryable in _ANSWERS:
        if isinstance(error, kind):
            failure = SecretError(what, where=str(place), todo=todo)
            failure.retryable = is_retryable
            return failure
    raise TypeError(f"{type(error).__name__} is no error of Vault's") from error
