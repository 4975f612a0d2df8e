"""What a secret store is, and which one is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from assay.secret_store.local_file import LocalFileStore
from assay.secret_store.vault import VaultStore


class SecretStore(Protocol):
    """Holds named secrets, each a few named texts such as ``user`` and ``password``.

    Errors name the address, the secret's name and what to do. They never hold a secret.
    """

    def get(self, name: str) -> Mapping[str, str]:
        """Return a secret's fields.

        Raises:
            SecretError: it is not there, may not be read, or the store does not answer.
        """
        ...

    def check(self) -> None:
        """Make sure that the store answers and lets us in; it takes seconds at the most.

        Raises:
            SecretError: it does not.
        """
        ...


def open_store(
    *,
    vault_addr: str,
    role_id: str,
    secret_id_file: str,
    mount: str,
    path: str,
    secrets_file: Path,
) -> SecretStore:
    """Return Vault where an address is set, else the local file. Nothing is opened yet.

    Args:
        secret_id_file: file that holds the AppRole's secret id.
        mount: mount point of the KV v2 engine.
        path: where our secrets start under the mount.
        secrets_file: the local file, used while ``vault_addr`` is empty.
    """
    if not vault_addr:
        return LocalFileStore(secrets_file)
    return VaultStore(
        address=vault_addr,
        role_id=role_id,
        secret_id_file=Path(secret_id_file).expanduser() if secret_id_file else None,
        mount=mount,
        path=path,
    )
