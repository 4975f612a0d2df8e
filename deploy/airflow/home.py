"""What AIRFLOW_HOME holds before Airflow starts: keys, the admin's password, local secrets.

Each file is made once, mode 0600, complete or not at all, whichever component comes first.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

KEYS_FILE = "keys.json"
PASSWORDS_FILE = "passwords.json"
LOCAL_SETTINGS = Path(__file__).resolve().parent / "airflow_local_settings.py"


def prepare_home(home: Path, environ: Mapping[str, str]) -> None:
    """Make what is missing in AIRFLOW_HOME; ASSAY_ADMIN_PASSWORD, where set, is the password."""
    (home / "config").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    _link(LOCAL_SETTINGS, home / "config" / LOCAL_SETTINGS.name)
    _create_once(home / KEYS_FILE, _new_keys())
    _create_once(home / "connections.json", {})
    _create_once(home / "variables.json", {})
    given = environ.get("ASSAY_ADMIN_PASSWORD")
    if given and _read(home / PASSWORDS_FILE) != {"admin": given}:
        (home / PASSWORDS_FILE).unlink(missing_ok=True)
    _create_once(home / PASSWORDS_FILE, {"admin": given or secrets.token_urlsafe(12)})


def read_keys(home: Path) -> dict[str, str]:
    """Read the keys that all components must share, as Airflow's variables."""
    return _read(home / KEYS_FILE)


def _new_keys() -> dict[str, str]:
    return {
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
    }


def _read(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    content: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _create_once(file: Path, content: Mapping[str, str]) -> None:
    if file.exists():
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(dict(content), stream)
    try:
        os.link(draft, file)  # unlike a rename, it never replaces what another component wrote
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _link(target: Path, link: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    draft.symlink_to(target)
    draft.replace(link)
