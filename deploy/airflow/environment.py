"""Airflow's settings, in one place for the native stack, the images and the tests.

``entrypoint.sh`` evaluates what this prints. A variable that is already set wins, so whoever
starts a component can replace any of them.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from home import prepare_home, read_keys

from assay.lineage.client_config import airflow_openlineage_environment

PROJECT = Path(__file__).resolve().parents[2]

# Nothing that we start reports its use to anyone.
NO_TELEMETRY = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "SCARF_NO_ANALYTICS": "true",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "False",
}

FIXED = {
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__AUTH_MANAGER": (
        "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
    ),
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
    # Half a second less for each task than with the default of one second.
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
    # The first call to a cold API server takes longer than the default of five seconds.
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
}


def airflow_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """List every variable that Airflow's components need and that is not set yet.

    Reads from ``environ``: AIRFLOW_HOME, AIRFLOW_PORT, ASSAY_LAKE, ASSAY_LINEAGE_URL,
    ASSAY_LINEAGE_NAMESPACE, ASSAY_METADATA_URL, and the VAULT_ ones.
    """
    home = Path(environ.get("AIRFLOW_HOME") or PROJECT / "airflow-home")
    port = environ.get("AIRFLOW_PORT") or "8080"
    values = {
        **NO_TELEMETRY,
        **FIXED,
        "ASSAY_PROJECT": str(PROJECT),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__BASE_URL": f"http://localhost:{port}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (
            environ.get("ASSAY_METADATA_URL") or f"sqlite:///{home / 'airflow.db'}"
        ),
        **airflow_openlineage_environment(
            lake_path(environ),
            environ.get("ASSAY_LINEAGE_URL", ""),
            environ.get("ASSAY_LINEAGE_NAMESPACE") or "assay",
        ),
        **secrets_backend(home, environ),
        **read_keys(home),
    }
    return {name: value for name, value in values.items() if not environ.get(name)}


def lake_path(environ: Mapping[str, str]) -> Path:
    """Resolve the lake's folder as `assay.config` does."""
    return (PROJECT / Path(environ.get("ASSAY_LAKE") or "lake").expanduser()).resolve()


def secrets_backend(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Choose where Airflow finds its own connections and variables: Vault, else local files.

    Vault gets two seconds: a hanging one would cost 120 s a lookup.
    """
    address = environ.get("VAULT_ADDR")
    if address:
        backend = "airflow.providers.hashicorp.secrets.vault.VaultBackend"
        arguments: dict[str, object] = {
            "url": address,
            "auth_type": "approle",
            "role_id": environ.get("VAULT_ROLE_ID", ""),
            "secret_id": _read_secret_id(environ),
            "mount_point": environ.get("VAULT_MOUNT") or "secret",
            "connections_path": "airflow/connections",
            "variables_path": "airflow/variables",
            "config_path": None,
            "timeout": 2,
        }
    else:
        backend = "airflow.secrets.local_filesystem.LocalFilesystemBackend"
        arguments = {
            "connections_file_path": str(home / "connections.json"),
            "variables_file_path": str(home / "variables.json"),
        }
    return {
        "AIRFLOW__SECRETS__BACKEND": backend,
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps(arguments),
    }


def _read_secret_id(environ: Mapping[str, str]) -> str:
    file = environ.get("VAULT_SECRET_ID_FILE")
    if not file or not Path(file).is_file():
        sys.exit(
            f"VAULT_ADDR is set but VAULT_SECRET_ID_FILE is '{file or ''}': expected a file that "
            "holds the AppRole's secret id. Write it, or unset VAULT_ADDR to use local files."
        )
    return Path(file).read_text(encoding="utf-8").strip()


def main() -> None:
    """Prepare AIRFLOW_HOME, then print one ``export NAME=value`` a line for the shell."""
    home = Path(os.environ.get("AIRFLOW_HOME") or PROJECT / "airflow-home")
    prepare_home(home, os.environ)
    for name, value in airflow_environment(os.environ).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


if __name__ == "__main__":
    main()
