"""Write ``.env`` for docker compose: a random value for each secret, mode 0600.

python make_env.py [file]    What the file already says stays; only what it lacks is added.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
import uuid
from collections.abc import Callable
from pathlib import Path


def _hexadecimal() -> str:
    # Letters and digits only: these stand inside addresses such as postgresql://user:…@host.
    return secrets.token_hex(24)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


# Variable → how its value is made, what it is for.
GENERATED: dict[str, tuple[Callable[[], str], str]] = {
    "AIRFLOW_ADMIN_PASSWORD": (_hexadecimal, "log in as admin on http://localhost:8080"),
    "AIRFLOW_FERNET_KEY": (_fernet_key, "seals connections in Airflow's database"),
    "AIRFLOW_JWT_SECRET": (_hexadecimal, "signs the tokens of tasks and of the API"),
    "AIRFLOW_API_SECRET_KEY": (_hexadecimal, "signs the web sessions"),
    "AIRFLOW_DATABASE_PASSWORD": (_hexadecimal, "PostgreSQL that holds Airflow's metadata"),
    "MARQUEZ_DATABASE_PASSWORD": (_hexadecimal, "PostgreSQL that holds Marquez's lineage"),
    "REFERENCE_DATABASE_PASSWORD": (_hexadecimal, "the demo's secret: a source that is a database"),
    "VAULT_ROOT_TOKEN": (_hexadecimal, "Vault's own token, for its one-shot set-up only"),
    "VAULT_ROLE_ID": (lambda: str(uuid.uuid4()), "the AppRole that Airflow and Assay log in with"),
}


def present_names(text: str) -> set[str]:
    """List the variables that an ``.env`` sets."""
    lines = (line.strip() for line in text.splitlines())
    return {line.split("=", 1)[0] for line in lines if "=" in line and not line.startswith("#")}


def write_env(file: Path) -> list[str]:
    """Add what the file lacks, making it if need be; return the names added."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.seek(0)
        text = stream.read()
        missing = [name for name in GENERATED if name not in present_names(text)]
        if missing and text and not text.endswith("\n"):
            stream.write("\n")
        for name in missing:
            make, purpose = GENERATED[name]
            stream.write(f"# {purpose}\n{name}={make()}\n")
    return missing


def main() -> None:
    """Write the file that the first argument names, ``.env`` by default."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else ".env")
    added = write_env(file)
    if added:
        sys.stdout.write(f"{file}: wrote {', '.join(added)}\n")
    else:
        sys.stdout.write(f"{file} has everything already: nothing written.\n")


if __name__ == "__main__":
    main()
