"""The settings that every component starts with, asked of the entry point itself."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "stubs"))

PROJECT = Path(__file__).resolve().parents[2]
ENTRYPOINT = PROJECT / "deploy" / "airflow" / "entrypoint.sh"
OURS = ("AIRFLOW", "ASSAY", "VAULT", "DBT", "GX", "SCARF", "DO_NOT")
PRINT_SETTINGS = "import json, os; print(json.dumps(dict(os.environ)))"


def enter(
    home: Path, *arguments: str, is_checked: bool = True, **settings: str
) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    return subprocess.run(
        [str(ENTRYPOINT), *arguments],
        env={**clean, "AIRFLOW_HOME": str(home), "ASSAY_LAKE": str(home / "lake"), **settings},
        capture_output=True,
        text=True,
        check=is_checked,
        timeout=120,
    )


def settings_of(home: Path, **settings: str) -> dict[str, str]:
    done = enter(home, "with", "python", "-c", PRINT_SETTINGS, **settings)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_nothing_phones_home(tmp_path: Path) -> None:
    found = settings_of(tmp_path)
    assert {
        name: found.get(name)
        for name in (
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED",
            "SCARF_ANALYTICS",
            "DO_NOT_TRACK",
            "DBT_SEND_ANONYMOUS_USAGE_STATS",
            "GX_ANALYTICS_ENABLED",
        )
    } == {
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "False",
    }


def test_keys_are_made_once_and_shared_by_all_components(tmp_path: Path) -> None:
    names = ("CORE__FERNET_KEY", "API_AUTH__JWT_SECRET", "API__SECRET_KEY")
    first, second = settings_of(tmp_path), settings_of(tmp_path)
    other = settings_of(tmp_path / "other")
    for name in names:
        variable = f"AIRFLOW__{name}"
        assert first[variable] == second[variable] != other[variable]
        assert len(first[variable]) >= 44
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_variable_that_is_set_wins(tmp_path: Path) -> None:
    assert settings_of(tmp_path)["AIRFLOW__CORE__PARALLELISM"] == "4"
    changed = settings_of(tmp_path, AIRFLOW__CORE__PARALLELISM="9")
    assert changed["AIRFLOW__CORE__PARALLELISM"] == "9"


def test_a_given_password_is_the_admins(tmp_path: Path) -> None:
    for password in ("first-password", "second-password"):
        settings_of(tmp_path, ASSAY_ADMIN_PASSWORD=password)
        assert json.loads((tmp_path / "passwords.json").read_text()) == {"admin": password}
    settings_of(tmp_path)
    assert json.loads((tmp_path / "passwords.json").read_text()) == {"admin": "second-password"}
    assert stat.S_IMODE((tmp_path / "passwords.json").stat().st_mode) == 0o600


def test_an_unknown_component_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = enter(tmp_path, "webserver", is_checked=False)
    assert done.returncode == 64
    assert "unknown component 'webserver': expected migrate, api-server" in done.stderr


READ_LOGIN = "from airflow.sdk import BaseHook; print(BaseHook.get_connection('warehouse').login)"


def test_without_vault_connections_come_from_a_private_local_file(tmp_path: Path) -> None:
    settings_of(tmp_path)
    file = tmp_path / "connections.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text('{"warehouse": "postgres://ann:pw@db:5432/x"}')
    backend = settings_of(tmp_path)["AIRFLOW__SECRETS__BACKEND"]
    assert backend == "airflow.secrets.local_filesystem.LocalFilesystemBackend"
    assert enter(tmp_path, "with", "python", "-c", READ_LOGIN).stdout.splitlines()[-1] == "ann"


def test_with_vault_airflows_connections_come_from_it(tmp_path: Path) -> None:
    from vault_stub import ROLE_ID, SECRET_ID, run_vault_stub

    secret_id = tmp_path / "secret-id"
    secret_id.write_text(SECRET_ID)
    with run_vault_stub() as stub:
        stub.secrets["secret/airflow/connections/warehouse"] = {
            "conn_uri": "postgres://bob:pw@db:5432/x"
        }
        settings = {
            "VAULT_ADDR": stub.address,
            "VAULT_ROLE_ID": ROLE_ID,
            "VAULT_SECRET_ID_FILE": str(secret_id),
        }
        found = settings_of(tmp_path, **settings)
        arguments = json.loads(found["AIRFLOW__SECRETS__BACKEND_KWARGS"])
        assert (arguments["auth_type"], arguments["timeout"]) == ("approle", 2)
        done = enter(tmp_path, "with", "python", "-c", READ_LOGIN, **settings)
    assert done.stdout.splitlines()[-1] == "bob"


@pytest.mark.parametrize("file", ["", "/nowhere/secret-id"])
def test_vault_without_its_secret_id_stops_at_once(tmp_path: Path, file: str) -> None:
    settings = {"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_SECRET_ID_FILE": file}
    done = enter(tmp_path, "scheduler", is_checked=False, **settings)
    assert done.returncode != 0
    assert "expected a file that holds the AppRole's secret id" in done.stderr
