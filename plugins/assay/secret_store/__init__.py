"""Where sources find their credentials: Vault, or a local file on a developer's machine.

Airflow's own secrets backend serves Airflow's own connections only.
"""

from assay.secret_store.local_file import LocalFileStore
from assay.secret_store.store import SecretStore, open_store
from assay.secret_store.vault import VaultStore

__all__ = ["LocalFileStore", "SecretStore", "VaultStore", "open_store"]
