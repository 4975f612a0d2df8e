"""Set up the compose stack's Vault once it is unsealed: policy, AppRole, the demo's secrets.

``initialise.py`` does it once. ``initialise.py keep`` does it when it starts, as settings may be
new, and stays to do it again whenever Vault has forgotten: in dev mode it does when it restarts.
``initialise.py check`` says whether it is done.
The role keeps its ids, so that what is running need not be told. The secret id goes to
VAULT_SECRET_ID_FILE, mode 0400.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

import hvac
import requests

ROLE = "assay"
DEMO = "assay/reference_database"
POLL_SECONDS = 3.0
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
    """Write policy, role and, last, the demo's secret: where it is, all is."""
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
    client.secrets.kv.v2.create_or_update_secret(path=DEMO, secret=demo, mount_point="secret")
    say(f"Vault is set up: role '{ROLE}', secret '{DEMO}'.")


def is_set_up(client: hvac.Client) -> bool:
    """Say whether Vault holds what :func:`initialise` wrote."""
    try:
        client.secrets.kv.v2.read_secret_metadata(path=DEMO, mount_point="secret")
    except hvac.exceptions.InvalidPath:
        return False
    return True


def keep(client: hvac.Client, set_up: Callable[[], None], pause: Callable[[], None]) -> None:
    """Set Vault up now and whenever it holds nothing, until stopped; wait for one that is out."""
    problem, is_current = "", False
    while True:
        try:
            if not (is_current and is_set_up(client)):
                set_up()
                is_current = True
            problem = ""
        except (requests.RequestException, hvac.exceptions.VaultError) as error:
            if problem != type(error).__name__:
                problem = type(error).__name__
                say(f"Vault cannot be set up now ({problem}); trying again.")
        pause()


def say(text: str) -> None:
    """Print one line now, also into a container's log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(command: str) -> int:
    """Read address, token and ids from the environment; do what is asked."""
    token, role_id = os.environ["VAULT_TOKEN"], os.environ["VAULT_ROLE_ID"]
    demo = {"user": "reference", "password": os.environ["REFERENCE_DATABASE_PASSWORD"]}
    client = hvac.Client(url=os.environ["VAULT_ADDR"], token=token, timeout=10)
    secret_id_file = Path(os.environ["VAULT_SECRET_ID_FILE"])

    def set_up() -> None:
        initialise(client, role_id, keep_secret_id(secret_id_file), demo)

    if command == "check":
        return 0 if is_set_up(client) else 1
    if command == "keep":
        keep(client, set_up, lambda: time.sleep(POLL_SECONDS))
    set_up()
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["keep"], ["check"]):
        sys.exit("initialise.py [keep | check]")
    sys.exit(main("".join(sys.argv[1:])))
