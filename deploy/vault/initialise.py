"""Set up the compose stack's Vault once it is unsealed: policy, AppRole, the demo's secrets.

Safe to run again: the role keeps its ids, so what is running stays logged in when a Vault in dev
mode has forgotten everything. The secret id goes to VAULT_SECRET_ID_FILE, mode 0400.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import hvac

ROLE = "assay"
# Read only, and only what is ours: the pipeline's secrets, and Airflow's connections.
POLICY = """
path "secret/data/assay/*"   { capabilities = ["read"] }
path "secret/data/airflow/*" { capabilities = ["read"] }
"""


def keep_secret_id(file: Path) -> str:
    """Read the role's secret id, making it the first time; complete or not at all."""
    if not file.is_file():
        draft = file.with_name(f".{file.name}")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as stream:
            stream.write(secrets.token_hex(24))
        draft.replace(file)
    return file.read_text(encoding="utf-8").strip()


def initialise(client: hvac.Client, role_id: str, secret_id: str, demo: dict[str, str]) -> None:
    """Write policy, role and the demo's secret ``reference_database``."""
    client.sys.create_or_update_policy(ROLE, POLICY)
    if "approle/" not in client.sys.list_auth_methods()["data"]:
        client.sys.enable_auth_method("approle")
    client.auth.approle.create_or_update_approle(
        ROLE, token_policies=[ROLE], token_ttl="1h", token_max_ttl="24h"
    )
    client.auth.approle.update_role_id(ROLE, role_id)
    try:
        client.auth.approle.create_custom_secret_id(ROLE, secret_id)
    except hvac.exceptions.InvalidRequest as error:
        if "already registered" not in str(error):
            raise
    client.secrets.kv.v2.create_or_update_secret(
        path="assay/reference_database", secret=demo, mount_point="secret"
    )


def main() -> None:
    """Read address, token and ids from the environment, and set Vault up."""
    token, role_id = os.environ["VAULT_TOKEN"], os.environ["VAULT_ROLE_ID"]
    demo = {"user": "reference", "password": os.environ["REFERENCE_DATABASE_PASSWORD"]}
    client = hvac.Client(url=os.environ["VAULT_ADDR"], token=token, timeout=10)
    initialise(client, role_id, keep_secret_id(Path(os.environ["VAULT_SECRET_ID_FILE"])), demo)
    sys.stdout.write("Vault is set up: role 'assay', secret 'assay/reference_database'.\n")


if __name__ == "__main__":
    main()
